import { availableParallelism } from "node:os";
import { type Duration, type Executor, type Future, milliseconds } from "tsyncio";
import type { OpenChannel } from "./channel.ts";
import { type MapOptions, mapChunks } from "./map-chunks.ts";
import { Pool } from "./pool.ts";
import type { PoolStatistics } from "./pool-statistics.ts";
import type { JobResult } from "./remote-stream.ts";

/** Options of `ThreadPoolExecutor` and `ProcessPoolExecutor`. */
export interface PoolExecutorOptions {
  /** How many workers there are at most; they are started as they are needed. Default: the number of processors. */
  readonly maxWorkers?: number;
  /** How many jobs may wait for a worker; `submit()` throws `QueueFull` beyond that. Default: any number. */
  readonly maxQueue?: number;
  /**
   * How long a job whose future was cancelled has to stop. A coroutine is cancelled and ends by itself; what computes on
   * is ended with its worker after this time, and the worker is replaced. null: never. Default: 1 s.
   */
  readonly cancelGrace?: Duration | null;
}

/** Options of `shutdown()`. */
export interface ShutdownOptions {
  /** Whether the promise waits for the jobs and the end of the workers. Default: true. */
  readonly wait?: boolean;
  /** Whether jobs that are not over are cancelled, those that run among them. Default: false. */
  readonly cancelFutures?: boolean;
}

/**
 * What threads and processes have in common: an executor with workers of its own.
 *
 * A function reaches a worker in one of two ways:
 * - **self-contained**: its text is sent and compiled there, once. It can use its arguments and what every program has
 *   (`globalThis`, `await import("node:…")`), and no variable around it.
 * - **a reference** made by `remote()`: the worker loads the module. TypeScript and the keywords are compiled there as they
 *   are here. The function may be a coroutine function: it runs on an event loop in the worker.
 *
 * Arguments and results are copied (structured clone) or moved (`transfer`). Context variables are carried over by name,
 * those whose values can be copied. Errors come back as their class: see `registerErrorClass`. A result that is an async
 * iterable comes as a `RemoteStream`, whose items are sent as they are taken; until it has ended, it is its worker's job.
 *
 * A worker does one job at a time. One that ends before its job (`process.exit()`, out of memory, killed) fails what it had
 * begun with `BrokenWorkerError` and is replaced; what it had not begun is done by another. No job is ever begun twice.
 *
 * Jobs keep the process alive, workers without a job do not: an executor that is not shut down ends with the program.
 */
export abstract class WorkerPoolExecutor implements Executor, AsyncDisposable {
  readonly #pool: Pool;

  /** @internal */
  constructor(kind: string, options: PoolExecutorOptions, open: OpenChannel) {
    const { maxWorkers = availableParallelism(), maxQueue = Infinity, cancelGrace = 1000 } = options;
    const what = `Cannot create ${new.target.name}`;
    if (!Number.isInteger(maxWorkers) || maxWorkers < 1)
      throw new RangeError(`${what}: maxWorkers must be an integer >= 1, received ${String(maxWorkers)}`);
    if (!(typeof maxQueue === "number" && maxQueue >= 0))
      throw new RangeError(`${what}: maxQueue must be a number >= 0, received ${String(maxQueue)}`);
    const grace = cancelGrace === null ? null : milliseconds(cancelGrace);
    this.#pool = new Pool({ kind, maxWorkers, maxQueue, cancelGrace: grace, open });
  }

  /**
   * Runs `fn(...args)` in a worker. Jobs begin in the order of the calls.
   *
   * **When the future is cancelled**: it is done at once. A job that waits never runs; one that runs is cancelled in its
   * worker, and the worker is ended after `cancelGrace` if that does not stop it.
   *
   * @throws {TypeError} for what cannot reach a worker.
   * @throws {QueueFull} when `maxQueue` jobs wait.
   * @throws {RuntimeError} after `shutdown()`, and without a running loop.
   * The future fails with what `fn` throws, with `BrokenWorkerError` when its worker ends before it or none can be started,
   * and with `TypeError` when the arguments or the result cannot be cloned.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<JobResult<Awaited<R>>>;
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>>;
  submit(fn: (...args: any[]) => unknown, ...args: unknown[]): Future<any> {
    return this.#pool.submit(fn, args).future as Future<any>;
  }

  /**
   * Runs `fn(item)` for each item, several at a time, and gives the results as an async iterable. Items are taken as results
   * are: a source of any length needs little memory, and `maxQueue` does not count. Nothing runs before the first result is
   * asked for. With `chunkSize` several items travel together; where one of them fails, the results of its chunk are lost.
   *
   * Leaving the loop, or an error, cancels what is under way and closes the source; with an error, results that were not
   * taken yet are dropped.
   *
   * @throws {TypeError} for what cannot reach a worker or be iterated.
   * @throws {RangeError} for a limit or a size that makes no sense.
   * @throws {RuntimeError} after `shutdown()`.
   */
  map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    const pool = this.#pool;
    pool.meet(fn, true);
    const submit = (chunk: readonly T[]): Future<Awaited<R>[]> =>
      pool.submitEach(fn, chunk).future as Future<Awaited<R>[]>;
    return mapChunks(submit, items, pool.options.maxWorkers, options);
  }

  /**
   * Takes no more jobs, finishes those that it has, and lets its workers end. It begins at the call; await the promise to know
   * when all is over. Calling it again is allowed. Streams that nobody iterates are ended; with `cancelFutures`, all.
   *
   * **When the wait is cancelled**: the shutdown goes on.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    const ended = new Promise<void>((resolve) => this.#pool.close(cancelFutures, resolve));
    return wait ? ended : Promise.resolve();
  }

  /** A snapshot: workers, jobs that wait and run, what became of the others. */
  statistics(): PoolStatistics {
    return this.#pool.statistics();
  }

  /** As `shutdown()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
