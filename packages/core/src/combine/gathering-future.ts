import type { CancelledError } from "../errors.ts";
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
  /**
   * Each is a future; or a coroutine, until its task is made; or the result that it had when the gather began, or gave in
   * its first step, unless that is a future.
   */
  readonly children: unknown[];
  #firstSteps: FirstSteps | null = null;
  /** Children that are not done. */
  #left: number;
  readonly #keepsErrors: boolean;
  readonly #failFast: boolean;
  #cancelRequested = false;
  /** With failFast: the first error. */
  #failure: { readonly error: unknown } | null = null;
  #last: Future<any> | null = null;

  constructor(loop: EventLoop, children: unknown[], keepsErrors: boolean, failFast: boolean) {
    super(loop.plain);
    this.children = children;
    this.#left = children.length;
    this.#keepsErrors = keepsErrors;
    this.#failFast = failFast;
  }

  /** Its children are new coroutines. */
  begin(): void {
    this.#firstSteps = new FirstSteps(this);
  }

  /** All have begun. */
  allBegun(): void {
    this.#firstSteps = null;
  }

  /** Of a child that has its result already. */
  keepResult(index: number, value: unknown): void {
    if (!(value instanceof Future)) this.children[index] = value;
  }

  /** All but those whose results are there already. */
  #made(): Future<any>[] {
    this.#firstSteps?.bear();
    return this.children.filter((child) => child instanceof Future);
  }

  /** A child was given twice, or had its result before the gather was there. */
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

  /** These had failed or were cancelled before the gather was there. */
  begun(failed: readonly Future<any>[]): void {
    this.#left -= failed.length;
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
    for (const child of children) if (child instanceof Future) child.markRead();
    const last = children[children.length - 1];
    return last instanceof Future && (last.state & OUTCOME) === CANCELLED
      ? (last.failure() as CancelledError)
      : makeCancelled(undefined);
  }

  /** In the place of the children: nobody needs them any more. */
  #results(): unknown[] {
    const { children } = this;
    for (let i = 0; i < children.length; i++) {
      const child = children[i];
      if (!(child instanceof Future)) continue;
      const outcome = child.state & OUTCOME;
      children[i] =
        outcome === DONE
          ? child.value
          : outcome === FAILED
            ? child.failure()
            : makeCancelled(child.value instanceof Error ? undefined : child.value);
    }
    return children;
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
