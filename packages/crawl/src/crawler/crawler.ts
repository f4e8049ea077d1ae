import { EventEmitter } from "node:events";
import {
  type AsyncGenerator,
  type Coroutine,
  Queue,
  QueueShutDown,
  RuntimeError,
  type Task,
  asyncGenerator,
  coroutine,
  createTask,
  give,
  wait,
} from "tsyncio";
import { writeExports } from "../export/write-exports.ts";
import type { Extraction } from "../page/extract.ts";
import type { CrawlReport } from "../report/crawl-report.ts";
import { writeReport } from "../report/write-report.ts";
import type { CrawlStore } from "../store/crawl-store.ts";
import { CrawlRun, type Emit } from "./crawl-run.ts";
import type { CrawlEvents, PageResult } from "./events.ts";
import type { CrawlOptions, ItemOf } from "./options.ts";
import { type Settings, settingsOf } from "./settings.ts";

/** How a crawl is doing. */
export interface CrawlStatistics {
  /** Addresses that wait. */
  readonly waiting: number;
  /** Pages and hosts under way. */
  readonly inFlight: number;
  /** Hosts met in this run. */
  readonly hosts: number;
  readonly requests: number;
  readonly done: number;
  readonly redirected: number;
  readonly skipped: number;
  readonly failed: number;
  /** Attempts that were repeated. */
  readonly retried: number;
  readonly items: number;
  readonly bytes: number;
  /** Since it began, in milliseconds. */
  readonly elapsed: number;
}

type Mutable = { -readonly [K in keyof CrawlStatistics]: CrawlStatistics[K] };

const NONE: CrawlStatistics = Object.freeze({
  waiting: 0,
  inFlight: 0,
  hosts: 0,
  requests: 0,
  done: 0,
  redirected: 0,
  skipped: 0,
  failed: 0,
  retried: 0,
  items: 0,
  bytes: 0,
  elapsed: 0,
});

/** Results that wait for who iterates. When it is full the crawl waits. */
const RESULTS = 64;

/**
 * A crawl that can be watched and stopped. It runs once: by `run()`, or by being iterated, which gives what becomes of each
 * address.
 *
 * | state | entered by | |
 * |---|---|---|
 * | created | constructor | |
 * | running | `run()`, or the first step of an iteration | `stop()` finishes what is under way |
 * | ended | its end, an error, a cancellation | |
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { Crawler } from "@tsyncio/crawl";
 * import { run } from "tsyncio";
 * const server = createServer((request, response) => {
 *   response.setHeader("content-type", "text/html");
 *   response.end(request.url === "/" ? `<h1>Home</h1><a href="/about">about</a>` : `<h1>About</h1>`);
 * }).listen(0);
 * const { port } = server.address() as { port: number };
 * async function main() {
 *   const crawler = new Crawler({ start: `http://localhost:${port}/`, robots: false, extract: { title: "h1" } });
 *   for await (const { status, items } of crawler) console.log(status, items[0]);
 * }
 * await run(main()); // → 200 { title: 'Home' }
 * // → 200 { title: 'About' }
 * server.close();
 * ```
 */
export class Crawler<const E extends Extraction = Extraction>
  extends EventEmitter<CrawlEvents<ItemOf<E>>>
  implements AsyncIterable<PageResult<ItemOf<E>>>
{
  readonly #settings: Settings;
  #state: "created" | "running" | "ended" = "created";
  #run: CrawlRun | null = null;
  #last: CrawlStatistics = NONE;

  /** @throws {TypeError} {RangeError} for options that cannot be. */
  constructor(options: CrawlOptions<E>) {
    super();
    this.#settings = settingsOf(options as CrawlOptions);
  }

  /** Where it stands. */
  get state(): "created" | "running" | "ended" {
    return this.#state;
  }

  /**
   * Runs the crawl to its end.
   *
   * **When cancelled**: requests are closed on the wire, handlers are cancelled and waited for. What is not stored as done is
   * waiting in the store: the next run goes on there.
   *
   * @throws {RuntimeError} when it has run before.
   * @throws {CrawlStoreError} when the store cannot be opened or written.
   */
  run(): Coroutine<CrawlReport> {
    return running(() => this.#steps(null));
  }

  /**
   * Runs the crawl, and gives what becomes of each address. The crawl waits while nobody takes its results. Leaving the loop
   * cancels the crawl, as `run()` says it.
   */
  [Symbol.asyncIterator](): AsyncGenerator<PageResult<ItemOf<E>>> {
    const results = new Queue<PageResult>(RESULTS);
    return iterating(results, () => this.#steps(results)) as AsyncGenerator<PageResult<ItemOf<E>>>;
  }

  /** Begins no more pages. Those under way are finished, then the crawl ends; what waits stays in the store. */
  stop(): void {
    this.#run?.stop();
  }

  /** A frozen snapshot. */
  statistics(): CrawlStatistics {
    return this.#run === null ? this.#last : snapshot(this.#run);
  }

  *#steps(results: Queue<PageResult> | null): Generator<any, CrawlReport, any> {
    if (this.#state !== "created")
      throw new RuntimeError(`Cannot run Crawler: it is ${this.#state}; a crawl runs once, make another Crawler`);
    this.#state = "running";
    try {
      const emit = this.emit.bind(this) as unknown as Emit;
      const run = new CrawlRun(this.#settings, emit, results);
      this.#run = run;
      return yield* run.run((store, report) => this.#finish(store, report));
    } finally {
      if (this.#run !== null) this.#last = snapshot(this.#run);
      this.#run = null;
      this.#state = "ended";
    }
  }

  *#finish(store: CrawlStore, report: CrawlReport): Generator<any, void, any> {
    const { exports, options } = this.#settings;
    yield* writeExports(store, exports);
    if (options.report !== undefined) yield* writeReport(options.report, report);
  }
}

/**
 * Crawls sites, and gives a report when all is done. What it stores and how it goes on is said by its options.
 *
 * **When cancelled**: as `Crawler.run()`.
 *
 * @throws {TypeError} {RangeError} at the call, for options that cannot be.
 * @throws {CrawlStoreError} when the store cannot be opened or written.
 * @example
 * ```ts fragment
 * import { crawl } from "@tsyncio/crawl";
 * const report = await crawl({
 *   start: "https://shop.example/",
 *   scope: { include: ["/products/*"], depth: 3 },
 *   extract: { title: "h1", price: { selector: ".price", as: "number" } },
 *   store: "shop.db",
 *   export: "products.jsonl",
 * });
 * console.log(report.pages.done, report.items);
 * ```
 */
export function crawl<const E extends Extraction = Extraction>(options: CrawlOptions<E>): Coroutine<CrawlReport> {
  return new Crawler(options).run();
}

const running = coroutine(function* crawl(steps: () => Generator<any, CrawlReport, any>) {
  return yield* steps();
});

const iterating = asyncGenerator(function* crawlResults(
  results: Queue<PageResult>,
  steps: () => Generator<any, CrawlReport, any>,
): Generator<any, void, any> {
  const task: Task<CrawlReport> = createTask(running(steps), { name: "crawl" });
  task.addDoneCallback(() => results.shutdown());
  try {
    for (;;) {
      const result = yield* next(results);
      if (result === null) break;
      yield* give(result);
    }
    yield* task;
  } finally {
    if (!task.done()) {
      task.cancel();
      // It ends by its cancellation, which is nobody's error; another one is reported by its task.
      yield* wait([task]);
    }
  }
});

function* next(results: Queue<PageResult>): Generator<any, PageResult | null, any> {
  try {
    return yield* results.get();
  } catch (error) {
    if (error instanceof QueueShutDown) return null;
    throw error;
  }
}

function snapshot({ counters, frontier, elapsed }: CrawlRun): CrawlStatistics {
  const { requests, done, redirected, skipped, failed, retried, items, bytes } = counters;
  const taken: Mutable = {
    ...frontier.statistics(),
    requests,
    done,
    redirected,
    skipped,
    failed,
    retried,
    items,
    bytes,
    elapsed,
  };
  return Object.freeze(taken);
}
