import type { Transferable } from "node:worker_threads";
import { type Context, type ContextVar, type EventLoop, Future, isCoroutineFunction } from "tsyncio";
import type { ContextEntry, FunctionSpec } from "./messages.ts";
import { addressOf } from "./remote.ts";
import { Transferred } from "./transfer.ts";

type AnyFunction = (...args: any[]) => unknown;

/** A function is short when its runs take less than this on average, in milliseconds … */
const SHORT = 0.5;
/** … and when it has run this often. */
const MEASURED = 16;
/** The weight of one run in the average: one of 16 ms ends the shortness of what took no time. */
const WEIGHT = 1 / 32;

/** A function that a pool has been given, and what is known about how long it takes. */
export class JobFunction {
  readonly number: number;
  readonly spec: FunctionSpec;
  /** Milliseconds of a run, a moving average. */
  average = 0;
  runs = 0;

  constructor(number: number, spec: FunctionSpec) {
    this.number = number;
    this.spec = spec;
  }

  /** Whether its jobs may travel together: it has been measured, and does not take long. */
  get short(): boolean {
    return this.runs >= MEASURED && this.average < SHORT;
  }

  ran(took: number): void {
    this.runs++;
    this.average += (took - this.average) * WEIGHT;
  }
}

/** What a job tells its pool. */
export interface JobOwner {
  cancelled(job: Job, message: unknown): void;
}

/** The future of a job: cancelling it cancels the job. */
class JobFuture<T> extends Future<T> {
  readonly job: Job;

  constructor(loop: EventLoop, job: Job) {
    super({ loop });
    this.job = job;
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.job.owner.cancelled(this.job, message);
    return true;
  }
}

/**
 * A call on its way through a pool.
 *
 * | state | it is | left by |
 * |---|---|---|
 * | queued | in the pool's queue | taken for a worker, cancelled → over |
 * | sent | with a worker, running or next | its result, the end of the worker → over |
 * | streaming | with a worker, giving items | the end of the iteration, the end of the worker → over |
 * | over | nowhere | |
 */
export class Job {
  readonly id: number;
  readonly owner: JobOwner;
  readonly fn: JobFunction;
  readonly args: readonly unknown[];
  readonly transfer: readonly Transferable[];
  readonly context: readonly ContextEntry[] | undefined;
  readonly future: Future<any>;
  state: "queued" | "sent" | "streaming" | "over" = "queued";
  /** Whether it was sent as a short one. */
  short = false;

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
    this.context = entriesOf(context);
    this.future = new JobFuture(loop, this);
  }

  get name(): string {
    return this.fn.spec.name;
  }
}

const NOTHING: readonly Transferable[] = [];

function entriesOf(context: Context): ContextEntry[] | undefined {
  if (context.size === 0) return undefined;
  return context.entries().map(([variable, value]: [ContextVar<unknown>, unknown]) => [variable.name, value]);
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
