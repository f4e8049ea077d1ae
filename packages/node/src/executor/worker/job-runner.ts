import { encodeError } from "../encode-error.ts";
import {
  type Batch,
  CANCELLED,
  type ContextEntry,
  ERROR,
  type FunctionSpec,
  type JobMessage,
  RETURNED,
  STREAM,
  type ToWorker,
  VALUE,
} from "../messages.ts";
import { Transferred } from "../transfer.ts";
import { type AnyFunction, EachCall, explain, isThenable, loadFunction, loadsModules } from "./functions.ts";
import type { Line } from "./line.ts";
import { Results, refusal } from "./results.ts";
import type { StreamSender } from "./stream-sender.ts";

type Coroutines = typeof import("./coroutines.ts");

interface Known {
  readonly spec: FunctionSpec;
  fn: AnyFunction | undefined;
}

/** The job that the worker waits for. */
interface Current {
  readonly id: number;
  cancel(message: unknown): void;
  stream: StreamSender | null;
}

/** A job that runs. */
interface Run {
  readonly id: number;
  readonly spec: FunctionSpec;
  readonly start: number;
  readonly context: ReturnType<Coroutines["contextOf"]> | undefined;
}

/** Does jobs one after the other, in the order in which they come. */
export class JobRunner {
  readonly #line: Line;
  readonly #preload: readonly string[];
  readonly #results: Results;
  readonly #functions: Map<number, Known> = new Map();
  /** What has come and was not begun. */
  readonly #batches: Batch[] = [];
  #batch: Batch = { jobs: [], first: 0 };
  /** The next job of the batch. */
  #next = 0;
  #busy = false;
  #current: Current | null = null;
  #coroutines: Coroutines | null = null;
  #preloading: Promise<unknown> | null = null;

  /** @param preload modules that are loaded before those of jobs */
  constructor(line: Line, preload: readonly string[]) {
    this.#line = line;
    this.#preload = preload;
    this.#results = new Results(line);
  }

  receive(message: ToWorker): void {
    if ("jobs" in message) {
      for (const [number, spec] of message.functions ?? []) this.#functions.set(number, { spec, fn: undefined });
      this.#batches.push(message);
      if (!this.#busy) this.#work();
    } else if ("cancel" in message) {
      // What has not begun is not cancelled, but taken back.
      if (this.#current?.id === message.cancel) this.#current.cancel(message.message);
    } else if ("pull" in message) this.#streamOf(message.pull)?.pull(message.credit);
    else if ("leave" in message) this.#streamOf(message.leave)?.leave();
    else process.exit();
  }

  /** An error that nobody caught ends the worker. */
  dying(error: unknown): void {
    this.#line.post({ fatal: encodeError(error, this.#line.canCarry) });
  }

  /** The worker ends: what is done is told. */
  leave(): void {
    this.#results.flush();
  }

  #streamOf(id: number): StreamSender | null | undefined {
    return this.#current?.id === id ? this.#current.stream : null;
  }

  /** Until nothing waits, or something must be waited for, which then calls this again. */
  readonly #work = (): void => {
    this.#busy = true;
    this.#current = null;
    this.#results.begin();
    for (;;) {
      if (this.#next < this.#batch.jobs.length) {
        const job = this.#batch.jobs[this.#next];
        const place = (this.#batch.first + this.#next++) | 0;
        if (!this.#line.begin(place)) this.#report(job[0], RETURNED, place, 0);
        else if (!this.#begin(job)) return;
      } else {
        this.#results.flush();
        if (this.#batches.length === 0) break;
        this.#batch = this.#batches.shift()!;
        this.#next = 0;
      }
    }
    this.#busy = false;
  };

  /** Gives whether the job is over. */
  #begin([id, number, args, entries]: JobMessage): boolean {
    const known = this.#functions.get(number)!;
    const { spec } = known;
    if (known.fn === undefined || (entries !== undefined && this.#coroutines === null)) {
      let loading: void | Promise<unknown>;
      try {
        loading = this.#load(known, entries !== undefined);
      } catch (error) {
        return this.#report(id, ERROR, error, 0);
      }
      if (loading !== undefined) {
        let cancelled: { readonly message: unknown } | null = null;
        const loaded = (): boolean =>
          cancelled === null
            ? this.#call(id, spec, known.fn!, args, entries)
            : this.#report(id, CANCELLED, cancelled.message, 0);
        this.#wait({ id, stream: null, cancel: (message) => (cancelled = { message }) }, loading, loaded, (error) =>
          this.#report(id, ERROR, error, 0),
        );
        return false;
      }
    }
    return this.#call(id, spec, known.fn!, args, entries);
  }

  /** Waits for a promise, then goes on, unless the job is not over then. */
  #wait(
    current: Current,
    promise: PromiseLike<unknown>,
    fulfilled: (value: unknown) => boolean,
    rejected: (error: unknown) => boolean,
  ): void {
    // Results of others must not wait for this one.
    this.#results.flush();
    this.#current = current;
    promise.then(
      (value) => void (fulfilled(value) && this.#work()),
      (error) => void (rejected(error) && this.#work()),
    );
  }

  /** Nothing, where a text need only be compiled. */
  #load(known: Known, withContext: boolean): void | Promise<unknown> {
    const { spec } = known;
    const modules = loadsModules(spec);
    if (!modules && !withContext) {
      known.fn = loadFunction(spec) as AnyFunction;
      return;
    }
    const runtime = "source" in spec && !withContext ? undefined : this.#loadCoroutines();
    const preloaded = modules ? this.#loadPreload() : undefined;
    const loaded = Promise.all([runtime, preloaded]).then(() => loadFunction(spec));
    return this.#loading(loaded).then((fn) => {
      known.fn = fn;
      return turnOfHost();
    });
  }

  /** The hooks that compile what the program is written in. */
  #loadPreload(): Promise<unknown> {
    return (this.#preloading ??= this.#preload.reduce(
      (before, url) => before.then(() => import(url)),
      Promise.resolve<unknown>(undefined),
    ));
  }

  #loadCoroutines(): Promise<Coroutines> {
    return this.#loading(import("./coroutines.ts")).then((coroutines) => (this.#coroutines = coroutines));
  }

  #loading<T>(load: Promise<T>): Promise<T> {
    this.#line.loading(1);
    return load.finally(() => this.#line.loading(-1));
  }

  #call(
    id: number,
    spec: FunctionSpec,
    fn: AnyFunction,
    args: readonly unknown[],
    entries: readonly ContextEntry[] | undefined,
  ): boolean {
    const context = entries === undefined ? undefined : this.#coroutines!.contextOf(entries);
    const run: Run = { id, spec, context, start: performance.now() };
    let value: unknown;
    try {
      value = context === undefined ? fn(...args) : context.run(fn, ...args);
    } catch (error) {
      return this.#failed(run, error);
    }
    return this.#returned(run, value);
  }

  #failed({ id, spec, start }: Run, error: unknown): boolean {
    const took = performance.now() - start;
    const cancelled = error instanceof Error && (error as { code?: unknown }).code === "TSYNCIO_CANCELLED";
    return cancelled
      ? this.#report(id, CANCELLED, error.message || undefined, took)
      : this.#report(id, ERROR, explain(error, spec), took);
  }

  /** Gives whether the job is over. */
  #returned(run: Run, value: unknown): boolean {
    const { id, start, context } = run;
    const streams = isAsyncIterable(value);
    const waits = isThenable(value);
    if (!streams && !waits && !(value instanceof EachCall))
      return this.#report(id, VALUE, value, performance.now() - start);
    const done = (result: unknown): boolean => this.#returned(run, result);
    const failed = (error: unknown): boolean => this.#failed(run, error);
    // What computes with promises cannot be cancelled: it ends, or is ended.
    const current: Current = { id, stream: null, cancel: () => {} };
    const coroutines = this.#coroutines;
    if (value instanceof Promise) this.#wait(current, value, done, failed);
    else if (coroutines === null) this.#wait(current, this.#loadCoroutines(), () => this.#returned(run, value), failed);
    else if (value instanceof EachCall) return this.#returned(run, coroutines.eachInTurn(value));
    else if (waits && !coroutines.isCoroutine(value)) this.#wait(current, value, done, failed);
    else if (waits) {
      this.#results.flush();
      const goOn = (over: boolean): void => void (over && this.#work());
      const cancel = coroutines.start(
        value as never,
        context,
        (result) => goOn(done(result)),
        (error) => goOn(failed(error)),
      );
      this.#current = { id, stream: null, cancel };
    } else this.#stream(run, value as AsyncIterable<unknown>, coroutines);
    return false;
  }

  #stream({ id, spec, start, context }: Run, source: AsyncIterable<unknown>, coroutines: Coroutines): void {
    this.#report(id, STREAM, undefined, performance.now() - start);
    this.#results.flush();
    const send = (item: unknown): void => {
      const moved = item instanceof Transferred;
      try {
        this.#line.post({ items: [moved ? item.value : item], stream: id }, moved ? item.list : []);
      } catch (reason) {
        throw refusal("an item", reason);
      }
    };
    const ended = (thrown: { readonly error: unknown } | null): void => {
      const end = { end: id };
      if (thrown === null) this.#line.post(end);
      else this.#line.post({ ...end, error: encodeError(explain(thrown.error, spec), this.#line.canCarry) });
      this.#work();
    };
    const stream = coroutines.stream(source, context, { send, ended });
    this.#current = { id, stream, cancel: () => stream.leave() };
  }

  #report(id: number, outcome: number, value: unknown, took: number): true {
    this.#results.add(id, outcome, value, took);
    return true;
  }
}

/** So that what has been said meanwhile is heard: that the job is cancelled. Loading may have let nothing else in. */
function turnOfHost(): Promise<void> {
  return new Promise((resolve) => void setImmediate(() => void setImmediate(resolve)));
}

function isAsyncIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
