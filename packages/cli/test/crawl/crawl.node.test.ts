import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fixtures, hasTerminal, start, startOnTerminal, tsyncio } from "../tsyncio.ts";

const PAGES = 30;

let server: Server;
let origin: string;
let asked: string[];
/** How long every answer takes. */
let wait: number;
let folder: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const number = path === "/" ? 0 : Number(/^\/page\/(\d+)$/.exec(path)?.[1] ?? Number.NaN);
    const links =
      number === 0 ? Array.from({ length: PAGES - 1 }, (_, i) => `<a href="/page/${i + 1}">x</a>`).join("") : "";
    response.writeHead(number < PAGES ? 200 : 404, { "content-type": "text/html" });
    setTimeout(
      () => response.end(`<h1>Page ${number}</h1><i>${number},50 EUR</i>${links}<a href="/gone">gone</a>`),
      wait,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  wait = 0;
  folder = mkdtempSync(join(tmpdir(), "cli-crawl-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const crawl = (...args: string[]) => tsyncio(["crawl", ...args], { cwd: folder });

describe("tsyncio crawl", () => {
  test("crawls, extracts, and says where everything is", async () => {
    const { code, stdout, stderr } = await crawl(
      origin,
      "-x",
      "title=h1",
      "-x",
      "price=i::number",
      "-o",
      "out.csv",
      "--report",
      "r.html",
    );
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain(`${PAGES} pages in `);
    expect(stderr).toContain("failed: status 404: 1, such as ");
    expect(stderr).toMatch(/Written: out\.csv\nWritten: r\.html\nStored in 127\.0\.0\.1-\d+\.crawl\.db\n$/);
    const lines = readFileSync(join(folder, "out.csv"), "utf8").trimEnd().split("\n");
    expect([lines.length, lines[0], lines[1]]).toEqual([PAGES + 1, "url,title,price", `${origin}/,Page 0,0.5`]);
    expect(readFileSync(join(folder, "r.html"), "utf8")).toContain("<svg");
  });

  test("stops at Ctrl-C, says how to go on, and goes on there", async () => {
    wait = 100;
    const args = ["crawl", origin, "--per-host", "1", "-x", "title=h1", "-o", "out.jsonl"];
    const { child, ended } = start(args, { cwd: folder });
    while (asked.length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopping: the pages under way are finished");
    expect(stderr).toContain(`addresses wait. To go on: tsyncio ${args.join(" ")}\n`);
    const first = asked.filter((path) => path !== "/robots.txt");
    wait = 0;
    expect((await tsyncio(args, { cwd: folder })).code).toBe(0);
    const all = asked.filter((path) => path !== "/robots.txt");
    expect(first.length).toBeLessThan(PAGES);
    expect(all.length).toBe(new Set(all).size);
    expect(readFileSync(join(folder, "out.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(PAGES);
  });

  test("tells programs what happens, in lines of JSON", async () => {
    const { code, stdout, stderr } = await crawl(origin, "--json", "--no-store", "--max-pages", "3");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; ended?: string; status?: number });
    expect([code, stderr]).toEqual([0, ""]);
    expect(events.filter(({ type }) => type === "page").map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(events.at(-1)).toMatchObject({ type: "end", ended: "maxPages", store: null });
    expect(existsSync(join(folder, "127.0.0.1.crawl.db"))).toBe(false);
  });

  test("takes a handler from a config file, with the keywords", async () => {
    const file = join(fixtures, "crawl-config.ts");
    const { code, stderr } = await crawl(origin, "--config", file, "--no-store", "-o", "out.jsonl");
    expect([code, stderr.includes("2 pages in ")]).toEqual([0, true]);
    const items = readFileSync(join(folder, "out.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(items).toEqual([
      { url: `${origin}/`, lazy: true, title: "Page 0" },
      { url: `${origin}/page/7`, lazy: true, title: "Page 7" },
    ]);
  });

  test("says so when there is not one page", async () => {
    const { code, stderr } = await crawl("http://127.0.0.1:1/", "--no-store", "--retries", "0");
    expect(code).toBe(3);
    expect(stderr).toContain("http://127.0.0.1:1 is left alone: its robots.txt cannot be had");
  });

  test("says nothing when it is told to", async () => {
    expect(await crawl(origin, "--no-store", "-q")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("says when another process crawls with the same store", async () => {
    wait = 200;
    const args = ["crawl", origin, "--per-host", "1", "--store", "a.db"];
    const { child, ended } = start(args, { cwd: folder });
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const second = await tsyncio(args, { cwd: folder });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("another process crawls with it") });
    child.kill("SIGKILL");
    await ended;
  });

  test.each([
    [[], "Cannot start: there is no address to begin with; write: tsyncio crawl https://example.com"],
    [["ftp://a.example"], "Cannot crawl: start must be an address with http: or https:, received ftp://a.example"],
    [["a.example", "-x", "title"], 'Cannot extract "title": expected name=selector'],
    [["a.example", "-x", "title=h1["], 'Cannot extract "title": "h1[" is no selector'],
    [["a.example", "-o", "x.txt"], "Cannot export to x.txt: its name must end with"],
    [["a.example", "--config", "none.ts"], "Cannot run none.ts: no such file"],
    [["a.example", "--delay", "soon"], "soon"],
    [["a.example", "--depth", "-1"], "It must be a whole number of at least 1."],
  ])("is used wrongly by %j", async (args, message) => {
    const { code, stderr } = await crawl(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

test.skipIf(!hasTerminal)("tsyncio crawl shows a bar on a terminal", async () => {
  wait = 60;
  const { ended } = startOnTerminal(["crawl", origin, "--no-store", "--per-host", "2"], { cwd: folder });
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/[█░]+.* \d+ pages?, [\d.]+\/s, \d+ waiting, \d+ in flight/);
  expect(stdout).toContain(`${PAGES} pages in `);
});
