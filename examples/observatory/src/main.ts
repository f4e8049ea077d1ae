/**
 * `npm start` runs this: a website is collected into a SQLite file, thousands of jobs at once on one event loop.
 * Read `observe-site.ts` next, then `collect/collect.ts` and `collect/fetcher.ts`.
 */
import { mkdirSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "tsyncio";
import { observeSite } from "./observe-site.ts";
import { observeUrls } from "./observe-urls.ts";
import { OptionsError, readOptions } from "./options.ts";
import { SiteError } from "./site/open-site.ts";
import { StoreError } from "./store/store.ts";

const DATABASE = relative("", fileURLToPath(new URL("../data/observatory.sqlite", import.meta.url)));

try {
  const options = readOptions(process.argv.slice(2), DATABASE);
  if (options.db === DATABASE) mkdirSync(dirname(DATABASE), { recursive: true });
  const isComplete = await run(options.urls.length === 0 ? observeSite(options) : observeUrls(options));
  process.exitCode = isComplete ? 0 : 1;
} catch (error) {
  if (error instanceof OptionsError) {
    for (const line of error.lines) console.error(line);
    process.exitCode = error.exitCode;
  } else if (error instanceof StoreError || error instanceof SiteError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
