import { Command, CommanderError } from "commander";
import type { DurationString } from "tsyncio";
import { readUrls, readUrlFile } from "./user-urls.ts";

/** What the user wants. */
export interface Options {
  /** What to collect; empty for the observatory's own site. */
  readonly urls: readonly string[];
  readonly db: string;
  readonly fresh: boolean;
  readonly concurrency: number;
  readonly timeout: DurationString;
  /** How many jobs are fetched again, one after another. */
  readonly sample: number;
  readonly seed: string;
  /** How many records of each kind the site publishes; undefined for all. */
  readonly records: number | undefined;
}

/** The arguments cannot be used; each line is one fault. An empty list: commander has printed all there is to say. */
export class OptionsError extends Error {
  readonly lines: readonly string[];
  readonly exitCode: number;
  constructor(lines: readonly string[], exitCode = 1) {
    super(lines.join("\n"));
    this.lines = lines;
    this.exitCode = exitCode;
  }
}

interface Flags {
  readonly db: string;
  readonly fresh?: true;
  readonly input?: string;
  readonly concurrency: string;
  readonly timeout: string;
  readonly sample?: string;
  readonly seed: string;
  readonly records?: string;
}

const SITE_SAMPLE = 20;
const MOST_AT_ONCE = 10_000;

/**
 * Reads the program's arguments, without those that Node has.
 *
 * @throws {OptionsError} with every fault, not only the first; also after --help, with exit code 0
 */
export function readOptions(argv: readonly string[], defaultDatabase: string): Options {
  const command = commandLine(defaultDatabase);
  try {
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new OptionsError([], error.exitCode);
  }
  return check(command.args, command.opts<Flags>());
}

function check(args: readonly string[], flags: Flags): Options {
  const faults: string[] = [];
  const whole = (option: string, text: string, least: number, most: number): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const range = `a whole number from ${least} to ${most.toLocaleString("en")}`;
    faults.push(`Cannot use --${option} "${text}": expected ${range}`);
    return least;
  };
  const urls = readUrls(args, faults);
  if (flags.input !== undefined) urls.push(...readUrlFile(flags.input, faults));
  const isOwnSite = args.length === 0 && flags.input === undefined;
  if (flags.records !== undefined && !isOwnSite) {
    faults.push("Cannot use --records with URLs of your own: it is about the example's own site; leave one out");
  }
  if (!/^(\d+\.?\d*|\.\d+)(ms|s|m)$/.test(flags.timeout) || Number.parseFloat(flags.timeout) === 0) {
    faults.push(`Cannot use --timeout "${flags.timeout}": expected a duration with its unit, such as 500ms or 3s`);
  }
  const options = {
    urls: [...new Set(urls)],
    db: flags.db,
    fresh: flags.fresh ?? false,
    concurrency: whole("concurrency", flags.concurrency, 1, MOST_AT_ONCE),
    timeout: flags.timeout as DurationString,
    sample: whole("sample", flags.sample ?? String(isOwnSite ? SITE_SAMPLE : 0), 0, MOST_AT_ONCE),
    seed: flags.seed,
    records: flags.records === undefined ? undefined : whole("records", flags.records, 1, 1_000_000),
  };
  if (faults.length > 0) throw new OptionsError(faults);
  return options;
}

function commandLine(defaultDatabase: string): Command {
  return new Command("observatory")
    .usage("[options] [url...]")
    .description(
      "Collects records from a website into a SQLite file, thousands of jobs at once on one event loop.\n" +
        "Without URLs, it starts a website of its own that is slow, limited and often fails, and collects all of it:\n" +
        "earthquakes, weather, airports. With URLs, it fetches those and stores their titles, sizes and links.",
    )
    .argument("[url...]", "what to fetch instead of the example's own site")
    .option("-i, --input <file>", "a file with more URLs, one a line (# begins a comment)")
    .option("-c, --concurrency <n>", "most requests in flight at once", "500")
    .option("-t, --timeout <duration>", "for one request, such as 500ms or 3s", "2s")
    .option(
      "-s, --sample <n>",
      `so many jobs are fetched again one after another, to compare; 0: none (default: ${SITE_SAMPLE}; 0 with URLs)`,
    )
    .option("-d, --db <file>", "the SQLite file", defaultDatabase)
    .option("-f, --fresh", "forget what the file holds, and begin again")
    .option("--records <n>", "the own site publishes only so many records of each kind: a shorter run")
    .option("--seed <text>", "what the own site draws its delays and faults from", "observatory")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(asOneLine(text)) })
    .exitOverride();
}

/** Commander says `error: unknown option '--x'`, and what was meant on a line of its own. */
function asOneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*)\?\)$/, "; did you mean $1?");
  const named = line
    .replaceAll("'", '"')
    .replace(/^unknown option/, "Cannot use option")
    .replace(/;|$/, ": it is unknown$&");
  return `${line.startsWith("unknown option") ? named : line.charAt(0).toUpperCase() + line.slice(1)}; see --help\n`;
}

const EXAMPLES = `
Examples:
  $ npm start                                       the whole demonstration
  $ npm start -- --concurrency 20                   the same with fewer requests at once
  $ npm start -- https://example.com --db my.sqlite
  $ npm start -- --input urls.txt --timeout 10s

Ctrl-C stops it and keeps what is stored. The next run goes on where the last one stopped; a finished collection of
the own site is collected again, URLs that are stored are not fetched again. Both can be forced with --fresh.

Exit codes:
  0    everything was collected, and the file holds what the site announces
  1    something is missing, or the arguments cannot be used
  130  stopped by Ctrl-C
`;
