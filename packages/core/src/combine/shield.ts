import type { Awaitable } from "../coroutine/coroutine.ts";
import { ensureFuture } from "../task/create-task.ts";
import { CANCELLED, FAILED, Future, type Listener, OUTCOME } from "../task/future.ts";

/** The outer side of a shield. */
class ShieldedFuture<T> extends Future<T> {}

/** Carries the outcome of the inner side outwards. Listens to both. */
class Link implements Listener {
  readonly inner: Future<any>;
  readonly completes: Future<any>;

  constructor(inner: Future<any>, outer: Future<any>) {
    this.inner = inner;
    this.completes = outer;
  }

  notify(future: Future<any>): void {
    const { loop } = this.inner;
    if (future === this.inner) loop.soon(this);
    else if (!this.inner.done()) loop.soon({ fire: () => this.#part() });
  }

  fire(): void {
    const { inner, completes: outer } = this;
    const outcome = inner.state & OUTCOME;
    if (outer.done()) {
      inner.markRead();
    } else if (outcome === CANCELLED) outer.cancel();
    else outer.settle(outcome, outcome === FAILED ? inner.failure() : inner.value);
  }

  /** The outer side was cancelled: the inner side goes on by itself, and an error of it is its own. */
  #part(): void {
    if (!this.inner.done()) this.inner.unlisten((listener) => listener === this);
  }
}

/**
 * Awaits `aw` so that a cancellation of who awaits does not reach it: the inner task goes on. What the inner side does
 * comes through: its result, its error, its own cancellation. A future that is done is given back as it is.
 *
 * Keep the inner task when its outcome matters after a cancellation. An error that nobody reads then is reported to the
 * loop's exception handler.
 *
 * **When cancelled**: the `CancelledError` comes in the next iteration; the inner task goes on.
 *
 * @throws {TypeError} at the call for what cannot be awaited.
 * @example
 * ```ts
 * import { createTask, run, shield, sleep, waitFor } from "tsyncio";
 * async function main() {
 *   const saving = createTask(sleep(10, "saved"));
 *   await waitFor(shield(saving), 1).catch(() => console.log("not waiting any longer"));
 *   console.log(await saving);
 * }
 * await run(main()); // → not waiting any longer, saved
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.shield
 */
export function shield<T>(aw: Awaitable<T>): Future<T> {
  const inner = ensureFuture(aw);
  if (inner.done()) return inner;
  const outer = new ShieldedFuture<T>({ loop: inner.loop });
  const link = new Link(inner, outer);
  inner.listen(link);
  outer.listen(link);
  return outer;
}
