import { type CrawlReport, CrawlError, Crawler } from "@tsyncio/crawl";
import { run } from "tsyncio";
import { endProcess, exitCodeOf, FAILED, WRONG_USAGE } from "../end-process.ts";
import { UsageError } from "../program-file.ts";
import { type Display, displayFor } from "./crawl-display.ts";
import type { CrawlFlags } from "./crawl-flags.ts";
import { crawlSettings } from "./crawl-settings.ts";
import { whereText } from "./crawl-text.ts";

/** Beside the exit codes of every command. */
const NOTHING = 3;
/** The rate that is shown is that of so many milliseconds. */
const RATE_WINDOW = 10_000;

/** `tsyncio crawl`: crawls, shows how it goes, and ends the process with what became of it. */
export async function crawlCommand(urls: readonly string[], flags: CrawlFlags): Promise<void> {
  let crawler: Crawler;
  let written: readonly string[];
  try {
    const settings = await crawlSettings(urls, flags);
    written = [settings.export ?? [], settings.report ?? []].flat();
    crawler = new Crawler(settings);
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentFault(error)) throw error;
    console.error((error as Error).message);
    return endProcess(WRONG_USAGE);
  }
  const display = displayFor(flags);
  display.watch(crawler);
  const interrupts = listenToInterrupts(crawler, display);
  const progress = showProgress(crawler, display);
  try {
    const report = await run(() => crawler.run(), { handleSignals: false });
    progress.stop();
    const rate = report.pages.done === 0 ? 0 : (crawler.statistics().done / report.elapsed) * 1000;
    display.end(report, whereText(report, written, process.argv.slice(2)), rate);
    return await endProcess(interrupts.exitCode ?? exitCodeFor(report));
  } catch (error) {
    progress.stop();
    display.close();
    if (!(error instanceof CrawlError)) throw error;
    console.error(error.message);
    return endProcess(FAILED);
  }
}

function exitCodeFor({ pages }: CrawlReport): number {
  return pages.done === 0 && pages.waiting === 0 ? NOTHING : 0;
}

/** What the arguments of a function of the library were refused with: here they come from the command line. */
function isArgumentFault(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof RangeError) && error.message.startsWith("Cannot ");
}

/** The first SIGINT or SIGTERM stops the crawl, the second ends the process. */
function listenToInterrupts(crawler: Crawler, display: Display): { readonly exitCode: number | null } {
  const heard: { exitCode: number | null } = { exitCode: null };
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (heard.exitCode !== null) {
        display.close();
        process.exit(heard.exitCode);
      }
      heard.exitCode = exitCodeOf(name);
      display.say("Stopping: the pages under way are finished (once more: at once, what is done is stored)");
      crawler.stop();
    });
  }
  return heard;
}

/** Shows how it is doing, again and again. */
function showProgress(crawler: Crawler, display: Display): { stop(): void } {
  if (display.interval === Infinity) return { stop: () => {} };
  const samples: { at: number; done: number }[] = [];
  const timer = setInterval(() => {
    const statistics = crawler.statistics();
    const now = { at: statistics.elapsed, done: statistics.done };
    samples.push(now);
    while (samples.length > 1 && now.at - samples[0]!.at > RATE_WINDOW) samples.shift();
    const first = samples.length > 1 ? samples[0]! : { at: 0, done: 0 };
    const rate = now.at === first.at ? 0 : ((now.done - first.done) / (now.at - first.at)) * 1000;
    display.progress(statistics, rate);
  }, display.interval);
  return { stop: () => clearInterval(timer) };
}
