import type { CancelledError } from "../errors.ts";
import type { GeneratorCoroutine } from "../coroutine/coroutine.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import type { Callback } from "../loop/ready-queue.ts";
import { FirstSteps } from "./first-steps.ts";
import { CANCELLED, DONE, FAILED, Future, type Listener, OUTCOME, makeCancelled } from "../task/future.ts";

/** A child that has failed or was cancelled, on its way through the ready queue. */
class Arrival implements Callback {
  readonly gather: GatheringFuture;
  readonly child: Future<any>;

  constructor(gather: GatheringFuture, child: Future<any>) {
    this.gather = gather;
    this.child = child;
  }

  fire(): void {
    this.gather.failed(this.child);
  }
}

/**
 * The future of `gather()`. It listens to its children itself. A child that is done is heard of one iteration later; of
 * those that bring a result only the last one has anything to say, so only it takes the way through the ready queue.
 */
export class GatheringFuture extends Future<any> implements Listener {
  /** Those that are not made yet, or were done in their first step, are not among them. */
  readonly children: (Future<any> | undefined)[];
  #firstSteps: FirstSteps | null = null;
  /** Children that are not done. */
  #left: number;
  readonly #keepsErrors: boolean;
  readonly #failFast: boolean;
  #cancelRequested = false;
  /** With failFast: the first error. */
  #failure: { readonly error: unknown } | null = null;
  #last: Future<any> | null = null;
  /** The results of the first steps. */
  #given: unknown[] | null = null;

  constructor(loop: EventLoop, count: number, keepsErrors: boolean, failFast: boolean) {
    super({ loop });
    this.children = new Array<Future<any> | undefined>(count);
    this.#left = count;
    this.#keepsErrors = keepsErrors;
    this.#failFast = failFast;
  }

  /** Its children are the tasks of these coroutines. */
  begin(coroutines: readonly GeneratorCoroutine<unknown>[]): void {
    this.#firstSteps = new FirstSteps(this, coroutines);
    this.#given = new Array<unknown>(coroutines.length);
  }

  /** All have begun. */
  allBegun(): void {
    this.#firstSteps = null;
  }

  /** A child has given its result in its first step. */
  begunAndDone(index: number, value: unknown): void {
    (this.#given as unknown[])[index] = value;
    this.children[index] = undefined;
  }

  /** Those that are not done, and those that did not end in their first step. */
  #made(): Future<any>[] {
    this.#firstSteps?.bear();
    return this.children.filter((child) => child !== undefined);
  }

  /** A child was given twice. */
  oneLess(): void {
    this.#left--;
  }

  /** A child is done. */
  notify(child: Future<any>): void {
    const last = --this.#left === 0;
    if (last) this.#last = child;
    if (!this.#keepsErrors && (child.state & OUTCOME) !== DONE) this.loop.soon(new Arrival(this, child));
    else if (last) this.loop.soon(this);
  }

  /** So many children had their results before the gather was there, and these had failed or were cancelled. */
  doneBefore(count: number, failed: readonly Future<any>[]): void {
    this.#left -= count + failed.length;
    if (this.#left === 0) this.#last = failed.at(-1) ?? null;
    if (!this.#keepsErrors) for (const child of failed) this.failed(child);
    if (this.#left === 0) this.fire();
  }

  failed(child: Future<any>): void {
    const error = child.failure();
    if (this.done()) return;
    if (!this.#failFast) return this.settle(FAILED, error);
    if (this.#failure === null) {
      this.#failure = { error };
      for (const other of this.#made()) other.cancel();
    }
    if (child === this.#last) this.fire();
  }

  /** The last child has come. */
  fire(): void {
    if (this.done()) return;
    if (this.#cancelRequested) this.settle(FAILED, this.#cancellation());
    else if (this.#failure !== null) this.settle(FAILED, this.#failure.error);
    else this.settle(DONE, this.#results());
  }

  /** What cancel() was called for comes as the error of the last argument; errors of the others count as read. */
  #cancellation(): CancelledError {
    const { children } = this;
    for (const child of children) child?.markRead();
    const last = children[children.length - 1];
    return last !== undefined && (last.state & OUTCOME) === CANCELLED
      ? (last.failure() as CancelledError)
      : makeCancelled(undefined);
  }

  /** In the place of the children, if need be: nobody needs them any more. */
  #results(): unknown[] {
    const { children } = this;
    const results: unknown[] = this.#given ?? children;
    for (let i = 0; i < results.length; i++) {
      const child = children[i];
      if (child === undefined) continue;
      const outcome = child.state & OUTCOME;
      results[i] =
        outcome === DONE
          ? child.value
          : outcome === FAILED
            ? child.failure()
            : makeCancelled(child.value instanceof Error ? undefined : child.value);
    }
    return results;
  }

  /** Cancels what it waits for. False when there is nothing left to cancel. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    let accepted = false;
    for (const child of this.#made()) if (child.cancel(message)) accepted = true;
    if (accepted) this.#cancelRequested = true;
    return accepted;
  }
}
