import { CancelledError, Context, ContextVar, type EventLoop, type Task, isCoroutine, newEventLoop } from "tsyncio";
import { type EncodedError, encodeError } from "../error-transfer.ts";
import { Transferred } from "../transfer.ts";
import {
  CANCELLED,
  type ContextEntry,
  ERROR,
  type FromWorker,
  type FunctionSpec,
  type JobMessage,
  type ResultMessage,
  STREAM,
  type ToWorker,
  VALUE,
} from "../messages.ts";
import { explain, loadFunction } from "./functions.ts";
import { StreamSender } from "./stream-sender.ts";

type AnyFunction = (...args: any[]) => unknown;

/** The worker's half of its line to the pool. */
export interface Line {
  /** @throws what cannot be cloned. */
  post(message: FromWorker, transfer?: readonly unknown[]): void;
}

/** Results wait for those of their batch no longer than this, in milliseconds. */
const PATIENCE = 0.5;

interface Known {
  readonly spec: FunctionSpec;
  fn: AnyFunction | undefined;
}

/** Does jobs one after the other, in the order in which they come. */
export class JobRunner {
  readonly #line: Line;
  readonly #functions: Map<number, Known> = new Map();
  readonly #waiting: JobMessage[] = [];
  /** Cancelled before they began, with their messages. */
  readonly #withdrawn: Map<number, unknown> = new Map();
  #results: ResultMessage[] = [];
  #transfer: unknown[] = [];
  #since = 0;
  #busy = false;
  #current: { readonly id: number; task: Task | null; stream: StreamSender | null } | null = null;
  #loop: EventLoop | null = null;

  constructor(line: Line) {
    this.#line = line;
  }

  receive(message: ToWorker): void {
    if ("jobs" in message) {
      for (const [number, spec] of message.functions ?? []) this.#functions.set(number, { spec, fn: undefined });
      this.#waiting.push(...message.jobs);
      if (!this.#busy) this.#work();
    } else if ("cancel" in message) this.#cancel(message.cancel, message.message);
    else if ("pull" in message) this.#streamOf(message.pull)?.pull(message.credit);
    else this.#streamOf(message.leave)?.leave();
  }

  #streamOf(id: number): StreamSender | null | undefined {
    return this.#current?.id === id ? this.#current.stream : null;
  }

  #cancel(id: number, message: unknown): void {
    const current = this.#current;
    if (current?.id !== id) {
      if (this.#waiting.some(([waiting]) => waiting === id)) this.#withdrawn.set(id, message);
    } else if (current.stream !== null) current.stream.leave();
    else current.task?.cancel(message);
  }

  /** Until nothing waits, or a job must be waited for, which then calls this again. */
  #work(): void {
    this.#busy = true;
    this.#since = performance.now();
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) if (!this.#begin(job)) return;
    this.#busy = false;
    this.#flush();
  }

  /** Gives whether the job is over. */
  #begin([id, number, args, context]: JobMessage): boolean {
    if (this.#withdrawn.has(id)) {
      const message = this.#withdrawn.get(id);
      this.#withdrawn.delete(id);
      this.#report(id, CANCELLED, message, 0);
      return true;
    }
    const known = this.#functions.get(number)!;
    if (known.fn !== undefined) return this.#call(id, known, known.fn, args, context);
    let loaded: AnyFunction | Promise<AnyFunction>;
    try {
      loaded = loadFunction(known.spec);
    } catch (error) {
      this.#report(id, ERROR, error, 0);
      return true;
    }
    if (typeof loaded === "function") {
      known.fn = loaded;
      return this.#call(id, known, loaded, args, context);
    }
    this.#flush();
    loaded.then(
      (fn) => {
        known.fn = fn;
        if (this.#call(id, known, fn, args, context)) this.#work();
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
    { spec }: Known,
    fn: AnyFunction,
    args: readonly unknown[],
    entries: readonly ContextEntry[] | undefined,
  ): boolean {
    const start = performance.now();
    const context = contextOf(entries);
    const took = (): number => performance.now() - start;
    const fail = (error: unknown): void => {
      if (error instanceof CancelledError) this.#report(id, CANCELLED, error.message || undefined, took());
      else this.#report(id, ERROR, explain(error, spec), took());
    };
    let value: unknown;
    try {
      value = context === undefined ? fn(...args) : context.run(fn, ...args);
    } catch (error) {
      fail(error);
      return true;
    }
    if (!isThenable(value)) return this.#finish(id, value, took());
    // Results of others must not wait for this one.
    this.#flush();
    const current = (this.#current = { id, task: null as Task | null, stream: null });
    const then = (over: boolean): void => {
      if (over) this.#current = null;
      if (over) this.#work();
    };
    if (isCoroutine(value)) {
      const loop = this.#runningLoop();
      current.task = loop.createTask(value, context === undefined ? {} : { context });
      current.task.addDoneCallback((task) => {
        const error = task.cancelled() ? new CancelledError() : task.exception();
        if (error === null) then(this.#finish(id, task.result(), took()));
        else then((fail(error), true));
      });
    } else {
      value.then(
        (result) => then(this.#finish(id, result, took())),
        (error) => then((fail(error), true)),
      );
    }
    return false;
  }

  /** Gives whether the job is over: a stream has only begun. */
  #finish(id: number, value: unknown, took: number): boolean {
    if (!isAsyncIterable(value)) {
      this.#report(id, VALUE, value, took);
      return true;
    }
    this.#report(id, STREAM, undefined, took);
    this.#flush();
    const ended = (error: EncodedError | undefined): void => {
      this.#current = null;
      this.#line.post(error === undefined ? { end: id } : { end: id, error });
      this.#work();
    };
    const send = (items: readonly unknown[]): void => this.#line.post({ items, stream: id });
    this.#current = { id, task: null, stream: new StreamSender(this.#runningLoop(), value, send, ended) };
    return false;
  }

  #runningLoop(): EventLoop {
    if (this.#loop === null) {
      this.#loop = newEventLoop();
      void this.#loop.runForever();
    }
    return this.#loop;
  }

  #report(id: number, outcome: number, value: unknown, took: number): void {
    let sent = value;
    if (outcome === ERROR) sent = encodeError(value);
    else if (value instanceof Transferred) {
      this.#transfer.push(...value.list);
      sent = value.value;
    }
    this.#results.push([id, outcome, sent, took]);
    if (performance.now() - this.#since > PATIENCE) this.#flush();
  }

  #flush(): void {
    const results = this.#results;
    if (results.length === 0) return;
    const transfer = this.#transfer;
    this.#results = [];
    this.#transfer = [];
    this.#since = performance.now();
    try {
      this.#line.post({ results }, transfer);
    } catch {
      // One of them cannot be cloned: each goes for itself.
      for (const result of results) this.#postOne(result, transfer);
    }
  }

  #postOne(result: ResultMessage, transfer: readonly unknown[]): void {
    const [id, , value, took] = result;
    try {
      this.#line.post({ results: [result] }, transfer.includes(value) ? [value] : []);
    } catch (reason) {
      const error = new TypeError(
        `Cannot send the result back: ${reason instanceof Error ? reason.message : String(reason)}`,
      );
      this.#line.post({ results: [[id, ERROR, encodeError(error), took]] });
    }
  }
}

function contextOf(entries: readonly ContextEntry[] | undefined): Context | undefined {
  if (entries === undefined) return undefined;
  const context = new Context();
  context.run(() => {
    for (const [name, value] of entries) for (const variable of ContextVar.named(name)) variable.set(value);
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
