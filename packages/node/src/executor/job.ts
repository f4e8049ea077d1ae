import type { Transferable } from "node:worker_threads";
import { type Context, ContextVar, type EventLoop, Future, isCoroutineFunction } from "tsyncio";
import type { CanCarry } from "./cloneable.ts";
import type { ContextEntry, FunctionSpec } from "./messages.ts";
import { addressOf } from "./remote.ts";
import { Transferred } from "./transfer.ts";

type AnyFunction = (...args: any[]) => unknown;

/** So often a function must have run until it is known how long it takes. */
const MEASURED = 16;
/** The weight of one run in the average, at least: one of 16 ms adds half a millisecond to it. */
const WEIGHT = 1 / 32;
/** What counts for a run that had to be ended from outside, in milliseconds. */
const ENDLESS = 1000;

/** A function that a pool has been given, and what is known about how long it takes. */
export class JobFunction {
  readonly number: number;
  readonly spec: FunctionSpec;
  #runs = 0;
  #average = 0;

  constructor(number: number, spec: FunctionSpec) {
    this.number = number;
    this.spec = spec;
  }

  /** Milliseconds that a run is expected to take: a moving average, Infinity until it is known. */
  get expected(): number {
    return this.#runs < MEASURED ? Infinity : this.#average;
  }

  ran(took: number): void {
    this.#runs++;
    this.#average += (took - this.#average) * Math.max(WEIGHT, 1 / this.#runs);
  }

  /** A run did not come to its end. */
  hung(): void {
    this.ran(ENDLESS);
  }
}

/** The pool of a job. */
export interface JobOwner {
  /** Values of context variables that cannot be sent: they are tried once. */
  readonly unsendable: WeakSet<object>;
  cancelled(job: Job, message: unknown): void;
  /** The future was cancelled when it had the stream of the job already. */
  streamUnwanted(job: Job): void;
}

/** The future of a job: cancelling it cancels the job. */
class JobFuture<T> extends Future<T> {
  readonly job: Job;

  constructor(loop: EventLoop, job: Job) {
    super({ loop });
    this.job = job;
  }

  override cancel(message?: unknown): boolean {
    const { job } = this;
    const cancelled = super.cancel(message);
    if (cancelled) job.owner.cancelled(job, message);
    // So does a task that is cancelled before it gets what it waits for.
    else if (job.state === "streaming") job.owner.streamUnwanted(job);
    return cancelled;
  }

  /** Fails with what was thrown in the worker, an error or not. */
  fail(thrown: unknown): void {
    this.failWith(thrown);
  }
}

/**
 * A call on its way through a pool.
 *
 * | state | it is | left by |
 * |---|---|---|
 * | queued | in the pool's queue | taken for a worker → sent, cancelled → over |
 * | sent | with a worker, running or next | its result, the end of the worker → over; taken back → queued |
 * | streaming | with a worker, giving items | the end of the iteration, the end of the worker → over |
 * | over | nowhere | |
 */
export class Job {
  readonly id: number;
  readonly owner: JobOwner;
  readonly fn: JobFunction;
  readonly args: readonly unknown[];
  readonly transfer: readonly Transferable[];
  context: readonly ContextEntry[] | undefined;
  readonly loop: EventLoop;
  /** null once the job gives a stream. */
  future: JobFuture<any> | null;
  state: "queued" | "sent" | "streaming" | "over" = "queued";
  /** The milliseconds that it was expected to take when it was sent. */
  expected = 0;
  /** Its place among the jobs that its worker was sent. */
  place = 0;
  /** Workers that ended with it before they had begun anything. */
  deaths = 0;

  constructor(
    id: number,
    fn: JobFunction,
    args: readonly unknown[],
    context: Context,
    loop: EventLoop,
    owner: JobOwner,
  ) {
    this.id = id;
    this.owner = owner;
    this.fn = fn;
    if (args.some((arg) => arg instanceof Transferred)) {
      this.args = args.map((arg) => (arg instanceof Transferred ? arg.value : arg));
      this.transfer = args.flatMap((arg) => (arg instanceof Transferred ? arg.list : []));
    } else {
      this.args = args;
      this.transfer = NOTHING;
    }
    this.context = entriesOf(context, owner.unsendable);
    this.loop = loop;
    this.future = new JobFuture(loop, this);
  }

  get name(): string {
    return this.fn.spec.name;
  }

  /** Whether it must travel alone: it may take long, or moves memory, which can be sent only once, or is a danger to others. */
  get alone(): boolean {
    return this.transfer.length > 0 || this.deaths > 0 || this.fn.expected === Infinity;
  }

  /** Whether somebody waits for its outcome, on a loop that still can tell. */
  get wanted(): boolean {
    return this.future?.done() === false && !this.loop.isClosed();
  }

  /** Leaves behind what of its context cannot be sent. */
  leaveContext(canCarry: CanCarry): void {
    this.context = this.context?.filter(([, , value]) => {
      const carried = canCarry(value);
      if (!carried && Object(value) === value) this.owner.unsendable.add(value as object);
      return carried;
    });
  }
}

const NOTHING: readonly Transferable[] = [];

function entriesOf(context: Context, unsendable: WeakSet<object>): ContextEntry[] | undefined {
  if (context.size === 0) return undefined;
  const entries: [ContextVar<unknown>, unknown][] = context.entries();
  return entries
    .filter(([, value]) => !unsendable.has(value as object))
    .map(([variable, value]) => [variable.name, ContextVar.named(variable.name).indexOf(variable), value]);
}

/**
 * How a function reaches a worker.
 *
 * @throws {TypeError} for what cannot: no function, a native one, a compiled coroutine function that is no reference.
 */
export function specOf(fn: AnyFunction): FunctionSpec {
  if (typeof fn !== "function") throw new TypeError(`Cannot submit job: expected a function, received ${String(fn)}`);
  const address = addressOf(fn);
  if (address !== undefined) return address;
  const name = fn.name || "anonymous";
  if (isCoroutineFunction(fn))
    throw new TypeError(
      `Cannot submit job: ${name}() is a coroutine function, whose compiled text means nothing elsewhere; export it from a module and pass remote<typeof import("./module.js")>(new URL("./module.js", import.meta.url)).${name}`,
    );
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source))
    throw new TypeError(
      `Cannot submit job: ${name}() is native or bound, so that its text cannot be sent; wrap it: (x) => ${name}(x)`,
    );
  return { name, source };
}
