import { run, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { type Page, Crawler, crawl } from "@tsyncio/crawl";
import { links, loopback } from "./loopback.ts";

test("a crawl reads the same with the keywords", async () => {
  await using server = await loopback({ "/": links("/a", "/b"), "/a": "<h1>A</h1>", "/b": "<h1>B</h1>" });
  async function handler(page: Page) {
    await sleep(1);
    page.follow();
    page.save(page.$("h1").text());
  }
  async function main() {
    const report = await crawl({ start: server.origin, handler });
    const seen: string[] = [];
    for await (const { url, items } of new Crawler({ start: server.origin, handler })) {
      seen.push(`${new URL(url).pathname} ${String(items[0])}`);
    }
    return [report.pages.done, seen.toSorted()];
  }
  expect(await run(main())).toEqual([3, ["/ ", "/a A", "/b B"]]);
});
