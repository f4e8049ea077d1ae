import type { Writable } from "node:stream";
import type { CrawlReport, CrawlStatistics, Crawler } from "@tsyncio/crawl";
import cliProgress from "cli-progress";
import { colorsFor } from "../errors/colors.ts";
import type { CrawlFlags } from "./crawl-flags.ts";
import { cutText, progressText, reportText } from "./crawl-text.ts";

/** Shows how a crawl goes. */
export interface Display {
  /** How often `progress` is to be called, in milliseconds. */
  readonly interval: number;
  /** Listens to the crawl. */
  watch(crawler: Crawler): void;
  progress(statistics: CrawlStatistics, rate: number): void;
  /** Something for the user. */
  say(line: string): void;
  end(report: CrawlReport, lines: readonly string[], rate: number): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

const TERMINAL_INTERVAL = 250;
const LINE_INTERVAL = 10_000;
const JSON_INTERVAL = 1_000;
const WIDTH = 24;

export function displayFor({ json, quiet }: CrawlFlags): Display {
  if (json) return jsonEvents(process.stdout);
  if (quiet) return silence;
  return process.stderr.isTTY ? terminal(process.stderr) : lines(process.stderr);
}

const silence: Display = {
  interval: Infinity,
  watch: () => {},
  progress: () => {},
  say: () => {},
  end: () => {},
  close: () => {},
};

/** Everything as a line of JSON. */
function jsonEvents(stream: Writable): Display {
  const write = (type: string, event: object): void => void stream.write(`${JSON.stringify({ type, ...event })}\n`);
  return {
    interval: JSON_INTERVAL,
    watch: (crawler) => {
      crawler.on("page", (result) => write("page", result));
      crawler.on("host", (host) => write("host", host));
      crawler.on("cut", (cut) => write("cut", cut));
      crawler.on("sitemapFailed", ({ url, error }) => write("sitemapFailed", { url, error: error.message }));
    },
    progress: (statistics, rate) => write("progress", { ...statistics, rate }),
    say: (message) => write("notice", { message }),
    end: (report) => write("end", report),
    close: () => {},
  };
}

/** Plain lines, for logs. */
function lines(stream: Writable): Display {
  const say = (line: string): void => void stream.write(`${line}\n`);
  return {
    interval: LINE_INTERVAL,
    watch: (crawler) => noticesOf(crawler, say),
    progress: (statistics, rate) => say(progressText(statistics, rate)),
    say,
    end: (report, more, rate) => [...reportText(report, rate), ...more].forEach(say),
    close: () => {},
  };
}

/** A bar that stays at the bottom of a terminal. */
function terminal(stream: NodeJS.WriteStream): Display {
  const { cyan } = colorsFor(stream);
  const bars = new cliProgress.MultiBar(
    { stream, hideCursor: true, gracefulExit: false, fps: 8, barsize: WIDTH },
    cliProgress.Presets.shades_classic,
  );
  const format = (options: cliProgress.Options, params: cliProgress.Params, { text }: { text: string }): string =>
    `${cyan(cliProgress.Format.BarFormat(params.progress, options))} ${text}`;
  const bar = bars.create(1, 0, { text: "" }, { format } as cliProgress.Options);
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    bars.stop();
  };
  const say = (line: string): void => {
    if (closed) stream.write(`${line}\n`);
    else bars.log(`${line}\n`);
  };
  return {
    interval: TERMINAL_INTERVAL,
    watch: (crawler) => noticesOf(crawler, say),
    progress: (statistics, rate) => {
      if (closed) return;
      const { done, redirected, skipped, failed, waiting, inFlight } = statistics;
      const settled = done + redirected + skipped + failed;
      bar.setTotal(Math.max(1, settled + waiting + inFlight));
      bar.update(settled, { text: progressText(statistics, rate) });
    },
    say,
    end: (report, more, rate) => {
      close();
      [...reportText(report, rate), ...more].forEach(say);
    },
    close,
  };
}

function noticesOf(crawler: Crawler, say: (line: string) => void): void {
  crawler.on("cut", (cut) => say(cutText(cut)));
  crawler.on("host", ({ origin, robots, crawlDelay }) => {
    if (robots === "unreachable") say(`${origin} is left alone: its robots.txt cannot be had`);
    if (crawlDelay !== null) say(`${origin} asks for ${crawlDelay / 1000} s between two requests`);
  });
  crawler.on("sitemapFailed", ({ url, error }) => say(`Cannot read sitemap ${url}: ${error.message}`));
}
