import { CancelledError, Context, ContextVar, type EventLoop, isCoroutine, newEventLoop } from "tsyncio";
import { type Encoded, encodeError } from "../error-transfer.ts";
import {
  type Batch,
  CANCELLED,
  type ContextEntry,
  ERROR,
  type FunctionSpec,
  type JobMessage,
  STREAM,
  type ToWorker,
  VALUE,
} from "../messages.ts";
import { Transferred } from "../transfer.ts";
import { explain, loadFunction } from "./functions.ts";
import type { Line } from "./line.ts";
import { Results, refusal } from "./results.ts";
import { StreamSender } from "./stream-sender.ts";

type AnyFunction = (...args: any[]) => unknown;

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

/** Does jobs one after the other, in the order in which they come. */
export class JobRunner {
  readonly #line: Line;
  readonly #results: Results;
  readonly #functions: Map<number, Known> = new Map();
  /** What has come and was not begun. */
  readonly #batches: Batch[] = [];
  #batch: Batch = { jobs: [], first: 0 };
  /** The next job of the batch. */
  #next = 0;
  /** Cancelled before they began, with their messages. */
  readonly #withdrawn: Map<number, unknown> = new Map();
  #busy = false;
  #current: Current | null = null;
  #loop: EventLoop | null = null;
  /** The place of the job that comes after those that were begun. */
  #begun = 0;
  #fatal: Encoded | undefined = undefined;

  constructor(line: Line) {
    this.#line = line;
    this.#results = new Results(line);
  }

  receive(message: ToWorker): void {
    if ("jobs" in message) {
      for (const [number, spec] of message.functions ?? []) this.#functions.set(number, { spec, fn: undefined });
      this.#batches.push(message);
      if (!this.#busy) this.#work();
    } else if ("cancel" in message) this.#cancel(message.cancel, message.message);
    else if ("pull" in message) this.#streamOf(message.pull)?.pull(message.credit);
    else if ("leave" in message) this.#streamOf(message.leave)?.leave();
    else process.exit();
  }

  /** An error that nobody caught ends the worker. */
  dying(error: unknown): void {
    this.#fatal = encodeError(error, this.#line.canCarry);
  }

  /** The worker ends: what is done is told, and which jobs had begun. */
  leave(): void {
    this.#results.flush();
    this.#line.post(this.#fatal === undefined ? { begun: this.#begun } : { begun: this.#begun, error: this.#fatal });
  }

  #streamOf(id: number): StreamSender | null | undefined {
    return this.#current?.id === id ? this.#current.stream : null;
  }

  #cancel(id: number, message: unknown): void {
    if (this.#current?.id === id) return this.#current.cancel(message);
    const waits = (job: JobMessage): boolean => job[0] === id;
    if (this.#batch.jobs.slice(this.#next).some(waits) || this.#batches.some(({ jobs }) => jobs.some(waits)))
      this.#withdrawn.set(id, message);
  }

  /** Until nothing waits, or something must be waited for, which then calls this again. */
  readonly #work = (): void => {
    this.#busy = true;
    this.#current = null;
    this.#results.begin();
    for (;;) {
      if (this.#next < this.#batch.jobs.length) {
        const job = this.#batch.jobs[this.#next];
        const place = this.#batch.first + this.#next++;
        if (!this.#line.begin(place)) this.#withdrawn.delete(job[0]);
        else {
          this.#begun = place + 1;
          if (!this.#begin(job)) return;
        }
      } else {
        this.#results.flush();
        if (this.#batches.length === 0) break;
        // The pool counts on it: when the results of a batch have not arrived, no later one has begun.
        if (!this.#line.posted(this.#work)) return;
        this.#batch = this.#batches.shift()!;
        this.#next = 0;
      }
    }
    this.#busy = false;
  };

  /** Gives whether the job is over. */
  #begin([id, number, args, entries]: JobMessage): boolean {
    if (this.#withdrawn.has(id)) {
      const message = this.#withdrawn.get(id);
      this.#withdrawn.delete(id);
      return this.#report(id, CANCELLED, message, 0);
    }
    const known = this.#functions.get(number)!;
    if (known.fn !== undefined) return this.#call(id, known.spec, known.fn, args, entries);
    let loaded: AnyFunction | Promise<AnyFunction>;
    try {
      loaded = loadFunction(known.spec);
    } catch (error) {
      return this.#report(id, ERROR, error, 0);
    }
    if (typeof loaded === "function") {
      known.fn = loaded;
      return this.#call(id, known.spec, loaded, args, entries);
    }
    this.#results.flush();
    let cancelled: { readonly message: unknown } | null = null;
    this.#current = { id, stream: null, cancel: (message) => (cancelled = { message }) };
    loaded.then(
      (fn) => {
        known.fn = fn;
        this.#current = null;
        const over =
          cancelled === null
            ? this.#call(id, known.spec, fn, args, entries)
            : this.#report(id, CANCELLED, cancelled.message, 0);
        if (over) this.#work();
      },
      (error) => {
        this.#report(id, ERROR, error, 0);
        this.#work();
      },
    );
    return false;
  }

  #call(
    id: number,
    spec: FunctionSpec,
    fn: AnyFunction,
    args: readonly unknown[],
    entries: readonly ContextEntry[] | undefined,
  ): boolean {
    const start = performance.now();
    const context = contextOf(entries);
    const done = (value: unknown): boolean => this.#finish(id, spec, value, performance.now() - start, context);
    const fail = (error: unknown): boolean => {
      const took = performance.now() - start;
      if (error instanceof CancelledError) return this.#report(id, CANCELLED, error.message || undefined, took);
      return this.#report(id, ERROR, explain(error, spec), took);
    };
    let value: unknown;
    try {
      value = context === undefined ? fn(...args) : context.run(fn, ...args);
    } catch (error) {
      return fail(error);
    }
    if (!isThenable(value)) return done(value);
    // Results of others must not wait for this one.
    this.#results.flush();
    if (isCoroutine(value)) {
      const task = this.#runningLoop().createTask(value, context === undefined ? {} : { context });
      this.#current = { id, stream: null, cancel: (message) => void task.cancel(message) };
      task.addDoneCallback(() => {
        let over: boolean;
        try {
          over = done(task.result());
        } catch (error) {
          over = fail(error);
        }
        if (over) this.#work();
      });
    } else {
      // What computes with promises cannot be cancelled: it ends, or is ended.
      this.#current = { id, stream: null, cancel: () => {} };
      value.then(
        (result) => done(result) && this.#work(),
        (error) => fail(error) && this.#work(),
      );
    }
    return false;
  }

  /** Gives whether the job is over: a stream has only begun. */
  #finish(id: number, spec: FunctionSpec, value: unknown, took: number, context: Context | undefined): boolean {
    if (!isAsyncIterable(value)) return this.#report(id, VALUE, value, took);
    this.#report(id, STREAM, undefined, took);
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
    const stream = new StreamSender(this.#runningLoop(), context, value, send, ended);
    this.#current = { id, stream, cancel: () => stream.leave() };
    return false;
  }

  #report(id: number, outcome: number, value: unknown, took: number): true {
    this.#results.add(id, outcome, value, took);
    return true;
  }

  #runningLoop(): EventLoop {
    if (this.#loop === null) {
      this.#loop = newEventLoop();
      void this.#loop.runForever();
    }
    return this.#loop;
  }
}

function contextOf(entries: readonly ContextEntry[] | undefined): Context | undefined {
  if (entries === undefined) return undefined;
  const context = new Context();
  context.run(() => {
    for (const [name, place, value] of entries) {
      const twins = ContextVar.named(name);
      (twins[place] ?? twins[0])?.set(value);
    }
  });
  return context;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
