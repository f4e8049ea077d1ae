import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pages } from "../src/sources/pages.ts";
import { Store } from "../src/store/store.ts";
import { observatory } from "./program.ts";

const TIME = 30_000;
const folder = mkdtempSync(join(tmpdir(), "observatory-urls-"));
let server: Server;
let origin: string;
let asked: string[];
let db: string;
let number = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    const html = { "content-type": "text/html" };
    if (request.url === "/moved") response.writeHead(302, { location: "/there/" }).end();
    else if (request.url === "/lost") response.writeHead(404, html).end("<title>Lost");
    else if (request.url === "/flaky" && asked.filter((url) => url === "/flaky").length < 3)
      response.writeHead(503).end();
    else response.writeHead(200, html).end(`<title>Page ${request.url}</title><a href="next">next</a>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  asked = [];
  db = join(folder, `${(number += 1)}.sqlite`);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function stored() {
  using store = Store.open(db, [pages]);
  return store.rows("pages").map(({ url, status, title, links, failure }) => ({
    path: String(url).replace(origin, ""),
    status,
    title,
    links,
    failure,
  }));
}

test("URLs of an argument and a file are fetched, and stored with what is on them.", { timeout: TIME }, async () => {
  const input = join(folder, "urls.txt");
  writeFileSync(input, `# two pages\n${origin}/moved\n\n${origin}/flaky\n`);
  const { code, stdout } = await observatory([`${origin}/a`, "--input", input, "--db", db]);
  expect(code).toBe(0);
  expect(stored()).toEqual([
    { path: "/a", status: 200, title: "Page /a", links: `["${origin}/next"]`, failure: null },
    { path: "/flaky", status: 200, title: "Page /flaky", links: `["${origin}/next"]`, failure: null },
    { path: "/moved", status: 200, title: "Page /there/", links: `["${origin}/there/next"]`, failure: null },
  ]);
  expect(stdout).toContain("Errors survived: 2 × 503 Service Unavailable");
  expect(stdout).toContain("Page /there/");
});

test("A URL that fails is stored with why, reported, and makes the exit code 1.", { timeout: TIME }, async () => {
  const { code, stdout } = await observatory([`${origin}/a`, `${origin}/lost`, "http://nowhere.invalid/", "--db", db]);
  expect([code, stored().map(({ path, status, failure }) => [path, status, failure])]).toEqual([
    1,
    [
      ["/a", 200, null],
      ["/lost", 404, "404 Not Found"],
      ["http://nowhere.invalid/", null, expect.stringMatching(/^no (such host|name server)$/)],
    ],
  ]);
  expect(stdout).toContain("404 Not Found");
  expect(stdout).toContain("Given up: 2 jobs");
});

test("What is stored is not fetched again; what failed is.", { timeout: TIME }, async () => {
  await observatory([`${origin}/a`, `${origin}/lost`, "--db", db]);
  asked = [];
  const { stdout } = await observatory([`${origin}/a`, `${origin}/lost`, `${origin}/b`, "--db", db]);
  expect(asked.toSorted()).toEqual(["/b", "/lost"]);
  expect(stdout).toContain("2 pages to fetch, 1 stored before");
});

test("--fresh fetches everything again.", { timeout: TIME }, async () => {
  await observatory([`${origin}/a`, "--db", db]);
  asked = [];
  await observatory([`${origin}/a`, "--db", db, "--fresh"]);
  expect(asked).toEqual(["/a"]);
});

test("One server is asked by at most eight requests at once.", { timeout: TIME }, async () => {
  let now = 0;
  let most = 0;
  const slow = createServer((_, response) => {
    most = Math.max(most, (now += 1));
    setTimeout(() => {
      now -= 1;
      response.end("x");
    }, 30);
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const { port } = slow.address() as AddressInfo;
  const urls = Array.from({ length: 40 }, (_, index) => `http://127.0.0.1:${port}/${index}`);
  const { code } = await observatory([...urls, "--db", db]);
  slow.close();
  expect([code, most]).toEqual([0, 8]);
});
