import { type Duration, milliseconds } from "../duration.ts";
import { exec } from "../loop/execution.ts";
import { Coroutine } from "./coroutine.ts";
import { GeneratorCoroutine, enter, foreign } from "./generator-coroutine.ts";
import { THROW } from "./protocol.ts";
import { CANCELLED, PARKED, Wait } from "./wait.ts";

/**
 * @internal Waits for a native promise. When it is settled by the time a cancellation is delivered, its outcome is not lost: it
 * is given, and the cancellation strikes at the next wait.
 */
export class PromiseWait<T> extends Wait<T> {
  protected promise: PromiseLike<T> | undefined;
  protected value: unknown;
  protected outcome: "none" | "fulfilled" | "rejected" = "none";
  readonly keepsOutcome = true;

  constructor(promise: PromiseLike<T> | undefined) {
    super();
    this.promise = promise;
  }

  get name(): string {
    return "promise";
  }

  enter(): unknown {
    this.begin();
    return this.listen(this.promise as PromiseLike<T>);
  }

  protected listen(promise: PromiseLike<T>): unknown {
    const suspended = this.park();
    const { loop } = exec.task!;
    const settled = (outcome: "fulfilled" | "rejected", value: unknown): void => {
      this.outcome = outcome;
      this.value = value;
      if (!loop.isClosed()) this.settled();
    };
    // Only a promise of the language settles once, and later.
    (promise instanceof Promise ? promise : Promise.resolve(promise)).then(
      (value) => settled("fulfilled", value),
      (error) => settled("rejected", error),
    );
    return suspended;
  }

  protected settled(): void {
    if (this.phase === PARKED) this.wake();
  }

  resume(): unknown {
    if (this.outcome === "rejected") throw this.value;
    return this.value;
  }
}

const DEFAULT_GRACE = 5_000;

/** Options of `fromPromise`. */
export interface FromPromiseOptions {
  /** How long a cancelled wait lets the promise settle after the signal was aborted. Default 5 s. */
  readonly grace?: Duration;
}

class AbortableWait<T> extends PromiseWait<T> {
  #start: (signal: AbortSignal) => PromiseLike<T>;
  #grace: number;
  #controller = new AbortController();
  #timer: { cancel(): void } | null = null;
  #aborted = false;
  #message: unknown;

  constructor(start: (signal: AbortSignal) => PromiseLike<T>, grace: number) {
    super(undefined);
    this.#start = start;
    this.#grace = grace;
  }

  override get name(): string {
    return "fromPromise";
  }

  override enter(): unknown {
    this.begin();
    return this.listen(Promise.resolve(this.#start(this.#controller.signal)));
  }

  /** A cancellation aborts the signal; the wait ends when the promise has settled, or ignored it for the grace. */
  override abandon(message: unknown): boolean {
    if (this.phase !== PARKED) return false;
    if (this.#aborted) return true;
    this.#aborted = true;
    this.#message = message;
    const task = this.task!;
    this.#timer = task.loop.callLater(this.#grace, () => super.abandon(message));
    this.#controller.abort(message);
    return true;
  }

  protected override settled(): void {
    this.#timer?.cancel();
    if (this.phase !== PARKED) return;
    if (this.#aborted && this.outcome === "rejected") {
      // It gave in: the task sees its cancellation.
      this.phase = CANCELLED;
      this.task!.wakeCancelled(this.#message);
      return;
    }
    if (this.#aborted) this.task!.keepCancelled(this.#message);
    this.wake();
  }
}

/**
 * Awaits a native promise. Given a function, it is called with an `AbortSignal` when the wait begins.
 *
 * When cancelled: the signal is aborted, and the wait ends when the promise has settled, or has ignored the abort for
 * `grace`. A promise that is fulfilled all the same is not lost: its value is given, and the cancellation strikes
 * at the next wait.
 *
 * @throws what the promise is rejected with.
 * @example
 * ```ts fragment
 * const answer = await fromPromise((signal) => fetch(url, { signal }));
 * ```
 */
export function fromPromise<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options?: FromPromiseOptions,
): Coroutine<T> {
  if (typeof source === "function") return new AbortableWait(source, milliseconds(options?.grace ?? DEFAULT_GRACE));
  if (typeof source?.then !== "function") throw new TypeError(`Cannot adopt a promise: received ${String(source)}`);
  return new PromiseWait(source);
}

foreign.enter = (x: { then?: unknown }) => {
  if (x instanceof Coroutine) return enter(new GeneratorCoroutine(iterating(x), x, THROW));
  return typeof x.then === "function" ? new PromiseWait(x as PromiseLike<unknown>).enter() : x;
};

/** A coroutine of somebody else's class: its iterator says what it waits for. */
function* iterating<T>(co: Coroutine<T>): Generator<undefined, T, any> {
  return yield* co;
}
