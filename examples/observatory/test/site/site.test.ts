import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Content } from "../../src/site/content.ts";
import { fateOf, type Fault } from "../../src/site/fate.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { Site, type SiteOptions } from "../../src/site/site.ts";

const content = new Content(loadMeasurements(400));
const seed = "test";
const open: Site[] = [];

async function openSite(options: SiteOptions): Promise<Site> {
  const site = await Site.open(content, options);
  open.push(site);
  return site;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((site) => site.close()));
});

/** The path of a page whose first request meets a fault. */
function pathWith(fault: Fault): string {
  const paths = loadMeasurements(400).earthquakes.map(({ id }) => `/earthquakes/${id}`);
  return paths.find((path) => fateOf(seed, path, 0).fault === fault)!;
}

/** Everything that comes from the socket until it is closed. */
function rawAnswer(origin: string, path: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n`),
    );
    socket.on("data", (data) => (text += String(data)));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}

test("Without a seed, everything is answered at once.", async () => {
  const { origin } = await openSite({});
  const answer = await fetch(`${origin}/weather`);
  expect([answer.status, await answer.text()]).toEqual([200, content.at("/weather").body]);
});

test("An error is a status of 5xx.", async () => {
  const { origin } = await openSite({ seed });
  expect((await fetch(origin + pathWith("error"))).status).toBeGreaterThanOrEqual(500);
});

test("A reset is no answer at all.", async () => {
  const { origin } = await openSite({ seed });
  expect(await rawAnswer(origin, pathWith("reset"))).toBe("");
});

test("A cut is an announced length and less than that.", async () => {
  const { origin } = await openSite({ seed });
  const path = pathWith("cut");
  const [head, body] = (await rawAnswer(origin, path)).split("\r\n\r\n");
  const whole = Buffer.byteLength(content.at(path).body);
  expect(head).toContain(`content-length: ${whole}`);
  expect(Buffer.byteLength(body!)).toBeLessThan(whole);
});

test("A short answer looks whole and is half.", async () => {
  const { origin } = await openSite({ seed });
  const path = pathWith("short");
  const answer = await fetch(origin + path);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(content.at(path).body.slice(0, content.at(path).body.length >> 1));
});

test("A stall is no answer within a second.", async () => {
  const { origin } = await openSite({ seed });
  await expect(fetch(origin + pathWith("stall"), { signal: AbortSignal.timeout(1_000) })).rejects.toThrow("timeout");
});

test("Too many requests are told when to come again, and how many would do.", async () => {
  const { origin } = await openSite({ pages: { rate: 0.25, burst: 1 } });
  await (await fetch(`${origin}/weather`)).text();
  const { status, headers } = await fetch(`${origin}/weather`);
  expect([status, headers.get("retry-after"), headers.get("ratelimit-policy")]).toEqual([
    429,
    "4",
    '"pages";q=0.25;w=1',
  ]);
});

test("The API is counted apart, and names its limit from the first answer on.", async () => {
  const { origin } = await openSite({ pages: { rate: 0.25, burst: 0 }, api: { rate: 150, burst: 1 } });
  const { status, headers } = await fetch(`${origin}/api/v1`);
  expect([status, headers.get("ratelimit-policy")]).toEqual([200, '"api";q=150;w=1']);
});
