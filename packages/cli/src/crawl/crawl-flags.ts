import type { Command } from "commander";
import { append, wholeNumber, wholeNumberOrZero } from "../flag-values.ts";

/** The options of `tsyncio crawl` as commander gives them. */
export interface CrawlFlags {
  readonly config?: string;
  readonly depth?: number;
  readonly maxPages?: number;
  readonly sites?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly type?: readonly string[];
  readonly sitemaps?: true;
  readonly extract?: readonly string[];
  readonly concurrency?: number;
  readonly perHost?: number;
  readonly delay?: string;
  readonly timeout?: string;
  readonly retries?: number;
  readonly robots: boolean;
  readonly userAgent?: string;
  readonly store: string | false;
  readonly restart?: true;
  readonly retryFailed?: true;
  readonly cache?: string;
  readonly output?: readonly string[];
  readonly report?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds `tsyncio crawl`; what it needs is loaded when it runs. */
export function addCrawlCommand(program: Command): void {
  const command = program
    .command("crawl")
    .description("Crawl sites: politely, each page once, and on from where it was after an interruption.")
    .argument("[urls...]", "where it begins")
    .option("--config <module>", "a program whose default export has further options: a handler, for instance");

  command.optionsGroup("What belongs to it:");
  command
    .option("--depth <number>", "how many links away from the start (default: any number)", wholeNumberOrZero)
    .option("--max-pages <number>", "in this run", wholeNumber)
    .option("--sites <sites>", "host, domain, any, or names: example.com,*.example.org (default: host)")
    .option("--include <pattern>", "may be repeated; only such addresses: /blog/*", append)
    .option("--exclude <pattern>", "may be repeated; no such addresses", append)
    .option("--type <type>", "may be repeated; media types that are pages (default: HTML)", append)
    .option("--sitemaps", "read the sitemaps of each host");

  command.optionsGroup("What is taken from a page:");
  command.option(
    "-x, --extract <field>",
    "may be repeated: title=h1, price=.price::number, links[]=a@href::url",
    append,
  );

  command.optionsGroup("The pace:");
  command
    .option("-c, --concurrency <number>", "requests at once (default: 32)", wholeNumber)
    .option("--per-host <number>", "requests at once to one host (default: 8)", wholeNumber)
    .option("--delay <duration>", 'between two requests to one host, such as "500ms" (default: none)')
    .option("--timeout <duration>", "of one page (default: 30s)")
    .option("--retries <number>", "how often a page is tried again that does not come (default: 2)", wholeNumberOrZero)
    .option("--user-agent <text>", "who it says it is; robots.txt knows it by the first word")
    .option("--no-robots", "do not ask for robots.txt: only where you may");

  command.optionsGroup("Where it is kept:");
  command
    .option("--store <file>", "the crawl itself (default: <host>.crawl.db)")
    .option("--no-store", "keep nothing: it cannot go on after an interruption")
    .option("--restart", "forget what is in the store")
    .option("--retry-failed", "try again what has failed in an earlier run")
    .option("--cache <file>", "of answers, for later crawls: what has not changed is not sent again");

  command.optionsGroup("What comes of it:");
  command
    .option("-o, --output <file>", "may be repeated; the items: .jsonl, .csv or .db", append)
    .option("--report <file>", "a page of HTML with charts")
    .option("--json", "events as lines of JSON on stdout, for programs")
    .option("-q, --quiet", "nothing but errors")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", EXAMPLES)
    .action(async (urls: string[], flags: CrawlFlags) => {
      const { crawlCommand } = await import("./crawl-command.ts");
      await crawlCommand(urls, flags);
    });
}

const EXAMPLES = `
A field is name=selector, with @attribute for an attribute instead of the text, and
::number, ::url, ::date or ::html for what it is read as; name[] takes all that match.

robots.txt is obeyed, with its Crawl-delay. A host that answers slowly, or with 429 or
503, is given rest. Pages that a site makes without end are cut, and that is reported.

Every page is stored with its items as soon as it is done. The same command again, after
Ctrl-C, kill -9 or a power cut, goes on where it was; when all is done it only writes
the output again.

Ctrl-C finishes the pages that are under way; a second one does not.

Examples:
  $ tsyncio crawl https://example.com --depth 2
  $ tsyncio crawl https://shop.example --include '/products/*' \\
      -x title=h1 -x price=.price::number -o products.csv
  $ tsyncio crawl https://example.com --sitemaps --delay 1s --report report.html
  $ tsyncio crawl --config crawl.ts --json

crawl.ts, with whatever crawl() of @tsyncio/crawl takes:
  import type { CrawlOptions, Page } from "@tsyncio/crawl";
  import { sleep } from "tsyncio";

  async function handler(page: Page) {
    page.follow("nav a");
    page.paginate();
    await sleep("10ms");
    page.save({ title: page.$("h1").text() });
  }

  export default { start: "https://example.com", handler } satisfies CrawlOptions;

Exit codes:
  0    it is over, or has had its pages
  1    it cannot go on: the store, the output, or a fault of the program
  2    wrong usage
  3    over, but there is not one page
  130  stopped by Ctrl-C (143: by SIGTERM); what was done is stored
`;
