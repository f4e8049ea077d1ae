/**
 * `npm start` runs this: a website is collected into a SQLite file, thousands of jobs at once on one event loop.
 * Read `observe-site.ts` next, then `collect/collect.ts` and `collect/fetcher.ts`.
 */
import { mkdirSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { catchGroup, type ExceptionGroup, run } from "tsyncio";
import { observeSite } from "./observe-site.ts";
import { observeUrls } from "./observe-urls.ts";
import { OptionsError, readOptions } from "./options.ts";
import { SiteError } from "./site/open-site.ts";
import { StoreError } from "./store/store.ts";

const DATABASE = relative("", fileURLToPath(new URL("../data/observatory.sqlite", import.meta.url)));

// A reader that has seen enough, such as `head`, is no fault.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 0 : 1));

try {
  const options = readOptions(process.argv.slice(2), DATABASE);
  if (options.db === DATABASE) mkdirSync(dirname(DATABASE), { recursive: true });
  const isComplete = await run(options.urls.length === 0 ? observeSite(options) : observeUrls(options));
  process.exitCode = isComplete ? 0 : 1;
} catch (error) {
  // Everything else is a fault of this program, and is thrown on.
  catchGroup(error, isForUsers, (group) => {
    for (const line of linesOf(group)) console.error(line);
    process.exitCode = error instanceof OptionsError ? error.exitCode : 1;
  });
}

/** Errors whose message is all that there is to say. */
function isForUsers(error: unknown): boolean {
  return error instanceof OptionsError || error instanceof StoreError || error instanceof SiteError;
}

/** The messages in a group, which may hold groups: each task group on the way out adds one. */
function linesOf({ errors }: ExceptionGroup): string[] {
  return errors.flatMap((error) => {
    if (error instanceof OptionsError) return error.lines;
    return "errors" in error ? linesOf(error) : error.message;
  });
}
