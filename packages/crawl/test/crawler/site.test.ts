import { run } from "tsyncio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CrawlReport, Crawler, type PageResult } from "@tsyncio/crawl";
import { charsetPage } from "../site/pages.mjs";
import { type Expected, type Logged, SITE_HOSTS, type Site, startSite } from "../site/start-site.ts";

/** `CRAWL_PAGES=20000` makes it the large crawl that the package is measured by. */
const PAGES = Number(process.env["CRAWL_PAGES"] ?? 400);
const STRICT = "127.0.0.8";
const DELAYED = "127.0.0.6";
const CLOSED = "127.0.0.7";
const WITHOUT_ROBOTS = "127.0.0.4";

describe("a crawl of a site with traps, redirects, loops, broken charsets and slow hosts", () => {
  let site: Site;
  let report: CrawlReport;
  let log: Logged[];
  let expected: Expected;
  const results = new Map<string, PageResult>();
  const byAddress = new Map<string, Logged[]>();

  beforeAll(
    async () => {
      site = await startSite(PAGES);
      const crawler = new Crawler({
        start: site.start,
        scope: { sites: SITE_HOSTS },
        sitemaps: true,
        extract: { title: "h1", price: { selector: ".price", as: "number" } },
        maxPageSize: 2 * 1024 * 1024,
      });
      crawler.on("page", (result) => results.set(result.url, result));
      report = await run(crawler.run());
      log = await site.log();
      for (const entry of log) {
        const url = `http://${entry.host}:${site.port}${entry.path}`;
        byAddress.set(url, [...(byAddress.get(url) ?? []), entry]);
      }
      expected = await site.expected();
    },
    60_000 + PAGES * 20,
  );
  afterAll(() => site[Symbol.asyncDispose]());

  const requests = (url: string): readonly Logged[] => byAddress.get(url) ?? [];
  const states = (urls: readonly string[]) => new Set(urls.map((url) => results.get(url)?.state));

  test("has every page, each once", () => {
    expect(expected.pages.length).toBeGreaterThan(PAGES);
    // A page that answers 429 or 503 is asked for again.
    const again = expected.pages.filter((url) => requests(url).filter(({ status }) => status === 200).length !== 1);
    expect(again).toEqual([]);
    expect(states(expected.pages)).toEqual(new Set(["done"]));
    const strict = new RegExp(`//${STRICT}:|/flaky$`);
    expect(expected.pages.filter((url) => !strict.test(url) && requests(url).length !== 1)).toEqual([]);
  });

  test("has what only sitemaps name", () => {
    expect(expected.orphans.map((url) => requests(url).length)).toEqual(expected.orphans.map(() => 1));
    expect(states(expected.orphans)).toEqual(new Set(["done"]));
  });

  test("follows redirects once, and leaves their loops", () => {
    for (const url of expected.redirects) expect(requests(url)).toHaveLength(1);
    expect(states(expected.redirects)).toEqual(new Set(["redirected"]));
  });

  test("does not ask again for what is not there, and three times for what fails", () => {
    for (const url of expected.missing) expect(requests(url)).toHaveLength(1);
    for (const url of expected.broken) expect(requests(url)).toHaveLength(3);
    expect(states([...expected.missing, ...expected.broken])).toEqual(new Set(["failed"]));
  });

  test("does not read what is no page, or too large", () => {
    expect(expected.notPages.map((url) => results.get(url)?.reason)).toEqual([
      "content type application/octet-stream",
      "too large",
    ]);
    for (const url of expected.notPages) expect(requests(url).map(({ status }) => status)).toEqual([expect.anything()]);
    expect(requests(expected.notPages[1]!)[0]!.status).toBe(-1);
  });

  test("obeys robots.txt", () => {
    const forbidden = log.filter(({ path, host }) => path.startsWith("/private/") && host !== WITHOUT_ROBOTS);
    expect(forbidden).toEqual([]);
    expect(log.filter(({ host }) => host === CLOSED).map(({ path }) => path)).toEqual(Array(3).fill("/robots.txt"));
    expect(results.get(`http://${CLOSED}:${site.port}/`)?.reason).toBe("robots.txt unreachable");
    expect(results.get(`${site.start}private/0`)?.reason).toBe("robots.txt");
    const robots = log.filter(({ path, host }) => path === "/robots.txt" && host !== CLOSED);
    expect(new Set(robots.map(({ host }) => host)).size).toBe(robots.length);
  });

  test("keeps the delay that a host asks for", () => {
    const times = log.filter(({ host }) => host === DELAYED).map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(7);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    // Timers may be early by a millisecond.
    expect(Math.min(...gaps)).toBeGreaterThan(245);
  });

  test("cuts traps, and says what and why", () => {
    const patterns = report.cuts.map(({ pattern }) => pattern.replace(/^http:\/\/[^/]*/, ""));
    expect(patterns.toSorted()).toEqual(["/calendar/#/#", "/s/*/shelf"]);
    expect(report.cuts.every(({ leftOut, reason }) => leftOut > 0 && reason.length > 10)).toBe(true);
    for (const trap of ["/calendar/", "/s/"])
      expect(log.filter(({ path }) => path.startsWith(trap)).length).toBeLessThan(200);
    expect(log.filter(({ path }) => path.startsWith("/deep/")).length).toBeLessThan(6);
    expect(report.leftOut.map(({ reason }) => reason)).toContain("trap: repeated path segments");
  });

  test("reads pages that are wrong about their charset", () => {
    const read = expected.pages
      .filter((url) => url.includes("/charset/"))
      .map((url) => [url.split("/").at(-1)!, (results.get(url)!.items[0] as { title: string }).title]);
    expect(read).toHaveLength(8);
    for (const [name, title] of read) expect([name, title]).toEqual([name, charsetPage(name!).text]);
  });

  test("extracts from every page", () => {
    expect(report.items).toBe(report.pages.done);
    expect(results.get(`http://127.0.0.4:${site.port}/page/3`)?.items).toEqual([{ title: "Page 3", price: 111.5 }]);
  });

  test("gives a report that adds up", () => {
    const { pages } = report;
    expect(report.ended).toBe("complete");
    expect(pages.waiting).toBe(0);
    expect(pages.redirected).toBe(4);
    const answers = Object.values(report.statuses).reduce((sum, count) => sum + count, 0);
    const settled = report.timeline.reduce((sum, slice) => sum + slice.pages + slice.failed, 0);
    expect(settled).toBe(answers);
    expect(report.hosts.reduce((sum, host) => sum + host.pages, 0)).toBe(pages.done);
    expect(report.slowest[0]!.elapsed).toBeGreaterThanOrEqual(report.slowest.at(-1)!.elapsed);
    expect(report.problems.find(({ reason }) => reason === "robots.txt")!.count).toBeGreaterThan(0);
  });
});
