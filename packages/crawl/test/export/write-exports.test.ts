import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { run } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Page, crawl } from "@tsyncio/crawl";
import { links, loopback } from "../crawler/loopback.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-export-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ITEMS: Record<string, unknown> = {
  "/": { name: 'a "quoted", one', price: 1.5, tags: ["x", "y"] },
  "/1": { name: "two\nlines", Price: 3, sold: true },
  "/2": { url: "its own", name: null },
  "/3": "text",
};

async function exported(...names: string[]) {
  await using server = await loopback({ "/": links("/1", "/2", "/3"), "/1": "", "/2": "", "/3": "" });
  const handler = (page: Page) => {
    page.save(ITEMS[new URL(page.url).pathname]);
    page.follow();
  };
  const files = names.map((name) => join(folder, name));
  const pace = { concurrencyPerHost: 1 };
  await run(crawl({ start: server.origin, handler, export: files, pace }));
  return { origin: server.origin, files };
}

describe("the items of a crawl are exported", () => {
  test("as lines of JSON, with the address of their page", async () => {
    const { origin, files } = await exported("items.jsonl");
    const lines = readFileSync(files[0]!, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { url: `${origin}/`, ...(ITEMS["/"] as object) },
      { url: `${origin}/1`, ...(ITEMS["/1"] as object) },
      ITEMS["/2"],
      { url: `${origin}/3`, value: "text" },
    ]);
  });

  test("as CSV, with a column for every field", async () => {
    const { origin, files } = await exported("items.csv");
    expect(readFileSync(files[0]!, "utf8")).toBe(`url,name,price,tags,Price,sold,value
${origin}/,"a ""quoted"", one",1.5,"[""x"",""y""]",,,
${origin}/1,"two\nlines",,,3,true,
its own,,,,,,
${origin}/3,,,,,,text
`);
  });

  test("as a table of SQLite", async () => {
    const { origin, files } = await exported("items.db");
    const database = new Database(files[0]!);
    expect(database.prepare("SELECT * FROM items").all()).toMatchObject([
      { url: `${origin}/`, name: 'a "quoted", one', price: 1.5, tags: '["x","y"]', Price_2: null },
      { url: `${origin}/1`, name: "two\nlines", price: null, Price_2: 3, sold: 1 },
      { url: "its own", name: null },
      { url: `${origin}/3`, value: "text" },
    ]);
    database.close();
  });

  test("into several files at once, in the place of old ones", async () => {
    writeFileSync(join(folder, "items.jsonl"), "of yesterday");
    const { files } = await exported("items.jsonl", "items.csv");
    expect(readFileSync(files[0]!, "utf8")).not.toContain("yesterday");
    expect(readdirSync(folder).toSorted()).toEqual(["items.csv", "items.jsonl"]);
  });
});

describe("an export is refused", () => {
  test("at the call, without a format", () =>
    expect(() => crawl({ start: "http://a.example/", export: "items.txt" })).toThrow(
      "Cannot export to items.txt: its name must end with .jsonl, .ndjson, .csv, .db, .sqlite, for the format",
    ));
  test("in a folder that is not there", async () => {
    await expect(exported("no/items.jsonl")).rejects.toThrow(
      /^Cannot export to .*items\.jsonl: ENOENT.*; the items are in the store$/,
    );
  });
});
