import type { CrawlStore } from "../store/crawl-store.ts";

/** An item as it is exported: an object with the address of its page, unless it has one of its own. */
export type ExportedItem = Record<string, unknown>;

const PIECE = 1000;

/** The items of a crawl, in the order in which they were stored, in pieces. */
export function* storedItems(store: CrawlStore): Generator<ExportedItem[]> {
  const select = store.database.prepare(
    "SELECT items.id, urls.url, item FROM items JOIN urls ON urls.id = items.url WHERE items.id > ? ORDER BY items.id LIMIT ?",
  );
  for (let last = 0; ;) {
    const rows = select.all(last, PIECE) as { id: number; url: string; item: string }[];
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.id;
    yield rows.map(({ url, item }) => exported(url, JSON.parse(item)));
  }
}

/** What is no object is its `value`. */
function exported(url: string, item: unknown): ExportedItem {
  const isObject = typeof item === "object" && item !== null && !Array.isArray(item);
  return { url, ...(isObject ? (item as ExportedItem) : { value: item }) };
}

/** The names of all fields of all items, as they come first. */
export function* columnsOf(store: CrawlStore): Generator<undefined, string[], any> {
  const names = new Set<string>(["url"]);
  for (const piece of storedItems(store)) {
    for (const item of piece) for (const name of Object.keys(item)) names.add(name);
    yield;
  }
  return [...names];
}
