import type { CrawlStore } from "../store/crawl-store.ts";

/** Writes the items of a crawl to files, each in the format that its name ends with. */
export function* writeExports(store: CrawlStore, files: readonly string[]): Generator<any, void, any> {
  void store;
  void files;
}
