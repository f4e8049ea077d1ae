import { CancelledError } from "tsyncio";

/** Takes items of an async iterator, ours or a foreign one, one after the other. */
export class Pull<T> {
  readonly #iterator: AsyncIterator<T>;
  #state: "open" | "waiting" | "over" = "open";

  constructor(iterable: AsyncIterable<T> | { items(): AsyncIterator<T> }) {
    this.#iterator = "items" in iterable ? iterable.items() : iterable[Symbol.asyncIterator]();
  }

  /** Waits for the next one. */
  *next(): Generator<any, IteratorResult<T, undefined>, any> {
    this.#state = "waiting";
    let step: IteratorResult<T, undefined>;
    try {
      step = yield this.#iterator.next();
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#state = "over";
      throw error;
    }
    this.#state = step.done === true ? "over" : "open";
    return step;
  }

  /** Closes what has not ended. One that is still asked for an item is told, and not waited for: it may never answer. */
  *close(): Generator<any, void, any> {
    const before = this.#state;
    this.#state = "over";
    if (before === "over") return;
    const closed: unknown = this.#iterator.return?.();
    if (before !== "waiting") yield closed;
    else if (closed instanceof Promise) closed.catch(() => {});
  }
}
