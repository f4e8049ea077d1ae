import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CancelledError, RuntimeError, coroutine, createTask, gather, run, sleep } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CrawlOptions, type Page, type PageResult, Crawler, crawl } from "@tsyncio/crawl";
import { links, loopback } from "./loopback.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Crawls, and gives what became of each path. */
async function outcomes(options: CrawlOptions) {
  const found: Record<string, PageResult> = {};
  const crawler = new Crawler(options);
  crawler.on("page", (result) => {
    const { pathname, search } = new URL(result.url);
    found[pathname + search] = result;
  });
  const report = await run(crawler.run());
  return { found, report, statistics: crawler.statistics() };
}

const reasons = (found: Record<string, PageResult>) =>
  Object.fromEntries(Object.entries(found).map(([path, { reason }]) => [path, reason]));

describe("a handler", () => {
  test("gets each page, saves items and follows links", async () => {
    await using server = await loopback({
      "/": links("/a", "/b", "/c"),
      "/a": "<h1>A</h1>",
      "/b": "<h1>B</h1>",
      "/c": "no",
    });
    const handler = coroutine(function* (page: Page) {
      yield* sleep(1);
      page.follow({ match: ["/a", "/b"], label: "letter", data: { from: page.url } });
      if (page.label === "letter") page.save({ letter: page.$("h1").text(), ...(page.data as object) });
    });
    const { found, report } = await outcomes({ start: server.origin, handler });
    expect(found["/a"]!.items).toEqual([{ letter: "A", from: `${server.origin}/` }]);
    expect([report.items, server.asked.toSorted()]).toEqual([2, ["/", "/a", "/b"]]);
  });

  test.each<[name: string, handler: (page: Page) => any]>([
    ["a plain function", (page) => void page.save(page.url)],
    [
      "a generator function",
      function* (page) {
        yield* sleep(1);
        page.save(page.url);
      },
    ],
    [
      "a native async function",
      async (page) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        page.save(page.url);
      },
    ],
  ])("may be %s", async (_, handler) => {
    await using server = await loopback({ "/": "" });
    expect((await outcomes({ start: server.origin, handler })).found["/"]!.items).toEqual([`${server.origin}/`]);
  });

  test("that throws has its page fail, and nothing of it is kept", async () => {
    await using server = await loopback({ "/": links("/a") });
    const handler = (page: Page) => {
      page.save(1);
      page.follow();
      throw new Error("no luck");
    };
    const { found, report } = await outcomes({ start: server.origin, handler });
    expect([found["/"]!.state, found["/"]!.reason]).toEqual(["failed", "handler: no luck"]);
    expect([report.items, server.asked]).toEqual([0, ["/"]]);
  });

  test("that throws what is retryable has its page fetched again, within its attempts", async () => {
    await using server = await loopback({ "/": links("/never"), "/never": "" });
    let count = 0;
    const handler = (page: Page) => {
      page.follow();
      page.save(++count);
      if (page.depth === 1 || count === 1) throw Object.assign(new Error("not yet"), { retryable: true });
    };
    const { found, report } = await outcomes({ start: server.origin, handler, retries: 1 });
    expect([found["/"]!.items, found["/never"]!.reason, report.items]).toEqual([[2], "handler: not yet", 1]);
    expect(server.asked).toEqual(["/", "/", "/never", "/never"]);
  });

  test("that takes too long is cancelled, and the crawl goes on", async () => {
    await using server = await loopback({ "/": links("/slow", "/fast"), "/slow": "", "/fast": "" });
    const log: string[] = [];
    const handler = coroutine(function* (page: Page) {
      page.follow();
      if (!page.url.endsWith("/slow")) return;
      try {
        yield* sleep("1h");
      } catch (error) {
        log.push((error as Error).name);
        throw error;
      } finally {
        log.push("cleaned up");
      }
    });
    const { found } = await outcomes({ start: server.origin, handler, handlerTimeout: 50 });
    expect(log).toEqual(["CancelledError", "cleaned up"]);
    expect([found["/slow"]!.reason, found["/fast"]!.state]).toEqual(["handler: no time left", "done"]);
  });

  test("that is native and goes on after its time cannot save any more", async () => {
    await using server = await loopback({ "/": "" });
    let late: Promise<unknown> | undefined;
    const handler = (page: Page) => {
      late = new Promise((resolve) => setTimeout(resolve, 150)).then(() => page.save("late"));
      return late.catch(() => {});
    };
    const { report } = await outcomes({ start: server.origin, handler, handlerTimeout: 30 });
    await expect(late).rejects.toThrow("its handler has ended, or had no time left");
    expect(report.items).toBe(0);
  });
});

describe("what is followed", () => {
  test("goes as deep as the scope says; a list counts once", async () => {
    const list = (n: number) => `<a rel="next" href="/list?page=${n}">next</a>`;
    await using server = await loopback({
      "/": links("/1", "/list"),
      "/1": links("/2"),
      "/2": links("/3"),
      "/list": list(2),
      "/list?page=2": list(3),
      "/list?page=3": "",
    });
    const handler = (page: Page) => {
      page.paginate();
      page.follow();
    };
    const { report } = await outcomes({ start: server.origin, scope: { depth: 1 }, handler, concurrency: 1 });
    expect(server.asked.toSorted()).toEqual(["/", "/1", "/list", "/list?page=2", "/list?page=3"]);
    expect(report.leftOut).toEqual([{ reason: "depth", pattern: "", count: 1, example: `${server.origin}/2` }]);
  });

  test("comes by its priority", async () => {
    await using server = await loopback({ "/": "", "/low": "", "/high": "", "/middle": "" });
    const handler = (page: Page) => {
      if (page.depth > 0) return;
      page.enqueue("/low", { priority: -1 });
      page.enqueue("/middle");
      page.enqueue("/high", { priority: 5 });
    };
    await outcomes({ start: server.origin, handler, concurrency: 1 });
    expect(server.asked).toEqual(["/", "/high", "/middle", "/low"]);
  });

  test("is where a start address is redirected to, on another host too", async () => {
    await using target = await loopback({ "/home": links("/next"), "/next": "" });
    await using server = await loopback({
      "/": (_, response) => response.writeHead(301, { location: `${target.origin}/home` }).end(),
    });
    const { found } = await outcomes({ start: server.origin });
    expect(target.asked).toEqual(["/home", "/next"]);
    expect(found["/"]!.reason).toBe(`${target.origin}/home`);
  });

  test("is where a start address is redirected to, whatever the patterns of the scope say", async () => {
    await using server = await loopback({
      "/": (_, response) => response.writeHead(302, { location: "/en/" }).end(),
      "/en/": links("/p/1", "/q/1"),
      "/p/1": "",
    });
    await outcomes({ start: server.origin, scope: { include: ["/p/*"] } });
    expect(server.asked).toEqual(["/", "/en/", "/p/1"]);
  });

  test("is what sitemaps name, of another host too, that are in scope and new enough", async () => {
    const entry = (url: string, date: string) => `<url><loc>${url}</loc><lastmod>${date}</lastmod></url>`;
    await using server = await loopback({ "/": "", "/new": "" });
    await using other = await loopback({
      "/map.xml": `<urlset>${entry(`${server.origin}/new`, "2026-02-01")}${entry(`${server.origin}/old`, "2025-02-01")}${entry("http://elsewhere.example/", "2026-02-01")}</urlset>`,
    });
    const sitemaps = { urls: [`${other.origin}/map.xml`], since: new Date("2026-01-01") };
    const { report } = await outcomes({ start: server.origin, sitemaps });
    expect([server.asked.toSorted(), other.asked]).toEqual([["/", "/new"], ["/map.xml"]]);
    expect(report.leftOut.map(({ reason }) => reason)).toEqual(["site"]);
  });

  test("is not where another page is redirected to, out of scope", async () => {
    await using other = await loopback({ "/": "" });
    await using server = await loopback({
      "/": links("/away", "/self", "/nowhere"),
      "/away": (_, response) => response.writeHead(302, { location: other.origin }).end(),
      "/self": (_, response) => response.writeHead(302, { location: "/self#x" }).end(),
      "/nowhere": (_, response) => response.writeHead(302).end(),
    });
    const { found } = await outcomes({ start: server.origin });
    expect(other.asked).toEqual([]);
    expect(reasons(found)).toEqual({
      "/": null,
      "/away": `${other.origin}/`,
      "/self": "redirect to itself",
      "/nowhere": "redirect to nowhere",
    });
  });
});

describe("what is read", () => {
  const typed =
    (type: string, body: string | Uint8Array, more: Record<string, string> = {}) =>
    (_: unknown, response: ServerResponse) =>
      void response.writeHead(200, { "content-type": type, ...more }).end(body);

  test("is HTML only, unless other types are asked for", async () => {
    await using server = await loopback({
      "/": links("/data", "/picture"),
      "/data": typed("application/json; charset=utf-8", '{"n":[1,2]}'),
      "/picture": typed("image/png", "png"),
    });
    expect(reasons((await outcomes({ start: server.origin })).found)).toEqual({
      "/": null,
      "/data": "content type application/json",
      "/picture": "content type image/png",
    });
    const handler = (page: Page) =>
      page.contentType === "application/json" ? page.save(page.json()) : void page.follow();
    const { found } = await outcomes({
      start: server.origin,
      handler,
      scope: { contentTypes: ["text/html", "application/*"] },
    });
    expect([found["/data"]!.items, found["/picture"]!.state]).toEqual([[{ n: [1, 2] }], "skipped"]);
  });

  test("is not more than a page may have, unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    await using server = await loopback({
      "/": links("/bomb", "/large", "/small"),
      "/bomb": typed("text/html", bomb, { "content-encoding": "gzip" }),
      "/large": typed("text/html", "x".repeat(200_000)),
      "/small": typed("text/html", gzipSync("<h1>small</h1>"), { "content-encoding": "gzip" }),
    });
    const { found } = await outcomes({ start: server.origin, maxPageSize: 100_000, extract: { title: "h1" } });
    expect(reasons(found)).toEqual({ "/": null, "/bomb": "too large", "/large": "too large", "/small": null });
    expect(found["/small"]!.items).toEqual([{ title: "small" }]);
  });
});

describe("a page that does not come", () => {
  test("is tried again, and then given up", async () => {
    await using server = await loopback({ "/": (request) => request.socket.destroy() });
    const { found, statistics } = await outcomes({
      start: server.origin,
      robots: false,
      retries: 1,
      pace: { maxDelay: 10 },
    });
    expect([found["/"]!.state, found["/"]!.reason?.split(":")[0], server.asked.length]).toEqual([
      "failed",
      "connection",
      2,
    ]);
    expect([statistics.retried, statistics.failed, statistics.requests]).toEqual([1, 1, 2]);
  });

  test("has its time limit", async () => {
    await using server = await loopback({ "/": () => {} });
    const { found } = await outcomes({ start: server.origin, robots: false, retries: 0, timeout: 50 });
    expect([found["/"]!.reason, server.closed()]).toEqual(["timeout", 1]);
  });

  test("is waited for as Retry-After asks", async () => {
    let count = 0;
    const times: number[] = [];
    await using server = await loopback({
      "/": (_, response) => {
        times.push(performance.now());
        if (++count === 1) response.writeHead(503, { "retry-after": "1" }).end();
        else response.writeHead(200, { "content-type": "text/html" }).end("");
      },
    });
    const { found } = await outcomes({ start: server.origin, robots: false });
    expect(found["/"]!.state).toBe("done");
    expect(times[1]! - times[0]!).toBeGreaterThan(990);
  });

  test("is tried again by a later run, when it is told to", async () => {
    let works = false;
    await using server = await loopback({
      "/": (_, response) => response.writeHead(works ? 200 : 404, { "content-type": "text/html" }).end(""),
    });
    const options = { start: server.origin, store: join(folder, "a.db") };
    expect((await outcomes(options)).report.pages.failed).toBe(1);
    works = true;
    expect((await outcomes(options)).report.pages.failed).toBe(1);
    expect((await outcomes({ ...options, retryFailed: true })).report.pages).toMatchObject({ failed: 0, done: 1 });
  });
});

describe("a crawl ends", () => {
  const many = {
    "/": links(...Array.from({ length: 20 }, (_, i) => `/${i}`)),
    ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`/${i}`, ""])),
  };

  test("after so many pages, and goes on in the next run", async () => {
    await using server = await loopback(many);
    const options = { start: server.origin, store: join(folder, "a.db"), maxPages: 8 };
    const first = await outcomes(options);
    expect([first.report.ended, first.report.pages.done, first.report.pages.waiting]).toEqual(["maxPages", 8, 13]);
    await outcomes(options);
    const last = await outcomes(options);
    expect([last.report.ended, last.report.pages.done]).toEqual(["complete", 21]);
    expect(server.asked.length).toBe(21);
  });

  test("when it is stopped: what is under way is finished", async () => {
    await using server = await loopback(many);
    const crawler = new Crawler({ start: server.origin, store: join(folder, "a.db"), concurrency: 2 });
    crawler.on("page", () => crawler.stop());
    const report = await run(crawler.run());
    expect(report.ended).toBe("stopped");
    expect(report.pages.done).toBe(server.asked.length);
    expect(report.pages.waiting).toBe(21 - server.asked.length);
  });

  test("when it is cancelled: requests are closed, and all else is kept", async () => {
    const hang = () => {};
    await using server = await loopback({
      "/": links("/ok", "/hang1", "/hang2"),
      "/ok": "",
      "/hang1": hang,
      "/hang2": hang,
    });
    const path = join(folder, "a.db");
    await run(
      coroutine(function* () {
        const crawler = new Crawler({ start: server.origin, store: path });
        const task = createTask(crawler.run());
        while (server.asked.length < 4 || crawler.statistics().done < 2) yield* sleep(5);
        task.cancel();
        const [outcome] = yield* gather([task], { returnExceptions: true });
        expect(outcome).toBeInstanceOf(CancelledError);
        expect([crawler.state, crawler.statistics().done]).toEqual(["ended", 2]);
        while (server.closed() < 2) yield* sleep(5);
      }),
    );
    expect(server.closed()).toBe(2);
    server.asked.length = 0;
    const next = await outcomes({ start: server.origin, store: path, timeout: 50, retries: 0 });
    expect(server.asked.toSorted()).toEqual(["/hang1", "/hang2"]);
    expect(next.report.pages).toMatchObject({ done: 2, failed: 2, waiting: 0 });
  });

  test("cancelled at any moment: nothing is left open, and the next run has every page once", async () => {
    let open = 0;
    const page = (body: string) => (_: unknown, response: ServerResponse) => {
      open++;
      response.on("close", () => open--);
      response.writeHead(200, { "content-type": "text/html" });
      setTimeout(() => response.end(body), 1);
    };
    const paths = ["/a", "/b", "/c", "/d"];
    await using server = await loopback({
      "/": page(links(...paths)),
      ...Object.fromEntries(paths.map((path) => [path, page("<h1>x</h1>")])),
    });
    const handler = coroutine(function* (page: Page) {
      yield* sleep(0);
      page.follow();
      yield* sleep(1);
      page.save(page.url);
    });
    const ends = new Set<string>();
    for (let moment = 0; moment < 60; moment++) {
      const options = { start: server.origin, store: join(folder, `${moment}.db`), handler };
      await run(
        coroutine(function* () {
          const task = createTask(crawl(options));
          // Some iterations, and now and then some time, for what comes from outside.
          for (let i = 0; i < moment * 3; i++) yield* sleep(i % 4 === 0 ? 1 : 0);
          task.cancel();
          const [outcome] = yield* gather([task], { returnExceptions: true });
          ends.add(outcome instanceof CancelledError ? "cancelled" : "over");
          while (open > 0) yield* sleep(1);
        }),
      );
      const { report } = await outcomes(options);
      expect([report.pages.done, report.pages.waiting, report.items]).toEqual([5, 0, 5]);
    }
    expect(ends).toContain("cancelled");
  });

  test("anew, when it is told to forget", async () => {
    await using server = await loopback(many);
    const options = { start: server.origin, store: join(folder, "a.db") };
    await outcomes(options);
    await outcomes(options);
    expect(server.asked.length).toBe(21);
    await outcomes({ ...options, restart: true });
    expect(server.asked.length).toBe(42);
  });
});

describe("a crawler", () => {
  test("runs once", async () => {
    await using server = await loopback({ "/": "" });
    const crawler = new Crawler({ start: server.origin });
    await run(crawler.run());
    await expect(run(crawler.run())).rejects.toThrow(RuntimeError);
    expect(crawler.statistics()).toMatchObject({ done: 1, waiting: 0, inFlight: 0 });
  });

  test("that is left in the middle of an iteration is cancelled", async () => {
    await using server = await loopback({ "/": links("/a", "/b"), "/a": "", "/b": () => {} });
    const crawler = new Crawler({ start: server.origin });
    await run(
      coroutine(function* () {
        const results = crawler[Symbol.asyncIterator]();
        expect((yield* results.next()).value).toMatchObject({ url: `${server.origin}/`, state: "done" });
        yield* results.return();
        expect(crawler.state).toBe("ended");
      }),
    );
  });

  test("that cannot open its store says so to who iterates", async () => {
    const crawler = new Crawler({ start: "http://127.0.0.1:9/", store: join(folder, "no", "a.db") });
    const first = coroutine(function* () {
      return yield* crawler[Symbol.asyncIterator]().next();
    });
    await expect(run(first())).rejects.toThrow("there is no such folder, or no permission");
  });

  test("works from native code", async () => {
    await using server = await loopback({ "/": links("/a"), "/a": "" });
    const report = await crawl({ start: server.origin });
    expect(report.pages.done).toBe(2);
    const seen: string[] = [];
    for await (const { url } of new Crawler({ start: server.origin })) seen.push(new URL(url).pathname);
    expect(seen).toEqual(["/", "/a"]);
  });

  test("does not send a page again that has not changed, given a cache", async () => {
    let sent = 0;
    const answer = (etag: string, body: string) => (request: any, response: any) => {
      const unchanged = request.headers["if-none-match"] === etag;
      if (!unchanged) sent++;
      response
        .writeHead(unchanged ? 304 : 200, { "content-type": "text/html", etag })
        .end(unchanged ? undefined : body);
    };
    await using server = await loopback({ "/": answer('"1"', links("/a")), "/a": answer('"2"', "<h1>A</h1>") });
    const cached: boolean[] = [];
    const handler = (page: Page) => {
      cached.push(page.fromCache);
      page.follow();
      page.save(page.$("h1").text());
    };
    const options = { start: server.origin, cache: join(folder, "cache.db"), handler };
    await outcomes(options);
    const second = await outcomes(options);
    expect([sent, server.asked.length, cached]).toEqual([2, 4, [false, false, true, true]]);
    expect(second.found["/a"]!.items).toEqual(["A"]);
  });
});

test.each([
  [{}, /^Cannot crawl: start must be an address with http: or https:, received undefined$/],
  [{ start: [] }, "Cannot crawl: start has no address"],
  [{ start: "file:///x" }, "Cannot crawl: start must be an address with http: or https:, received file:///x"],
  [{ start: "http://a/", concurrency: 0 }, "Cannot crawl: concurrency must be an integer >= 1, received 0"],
  [{ start: "http://a/", handler: 1 }, "Cannot crawl: handler must be a function, received 1"],
  [{ start: "http://a/", retries: -1 }, "Cannot crawl: retries must be an integer >= 0, received -1"],
  [
    { start: "http://a/", userAgent: "" },
    'Cannot crawl: userAgent must begin with a name, as "ExampleBot/1.0", received ""',
  ],
  [{ start: "http://a/", timeout: "soon" }, /soon/],
  [{ start: "http://a/", sitemaps: ["map"] }, "Cannot crawl: sitemaps must be addresses, received map"],
  [{ start: "http://a/", sitemaps: { limit: 0 } }, "Cannot crawl: sitemaps.limit must be an integer >= 1, received 0"],
  [{ start: "http://a/", traps: { chain: 0 } }, "Cannot crawl: traps.chain must be a number >= 1, received 0"],
])("options are checked at the call: %j", (options, message) =>
  expect(() => crawl(options as unknown as CrawlOptions)).toThrow(message),
);
