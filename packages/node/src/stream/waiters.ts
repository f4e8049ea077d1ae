import type { EventLoop, Future } from "tsyncio";

/** Tasks that wait for the same thing. Each has a future of its own: the cancellation of one does not reach the others. */
export class Waiters {
  readonly #loop: EventLoop;
  readonly #futures: Set<Future<void>> = new Set();

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Waits for `release()`. @throws what that is given. */
  *wait(): Generator<undefined, void, unknown> {
    const future = this.#loop.createFuture<void>();
    this.#futures.add(future);
    try {
      yield* future;
    } finally {
      this.#futures.delete(future);
    }
  }

  /** Lets go all that wait now, in the order in which they came. */
  release(error: unknown = null): void {
    for (const future of this.#futures) {
      if (future.done()) continue;
      if (error === null) future.setResult();
      else {
        future.setException(error);
        // A task that is cancelled before it hears of it is no reason to report it.
        future.exception();
      }
    }
  }
}
