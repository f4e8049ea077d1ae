import { CancelledError } from "tsyncio";

/** The chunks of a body, ours or a foreign one, one after the other. */
export class Chunks {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #state: "open" | "waiting" | "over" = "open";

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  /** Waits for the next one; null at the end. */
  *next(): Generator<any, Uint8Array | null, any> {
    this.#state = "waiting";
    let step: IteratorResult<Uint8Array>;
    try {
      step = yield this.#iterator.next();
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#state = "over";
      throw error;
    }
    this.#state = step.done ? "over" : "open";
    return step.done ? null : step.value;
  }

  /** Closes what has not ended. A native iterator that is still asked for a chunk is told, and not waited for: it may never answer. */
  *close(): Generator<any, void, any> {
    const before = this.#state;
    this.#state = "over";
    if (before === "over") return;
    const closed: unknown = this.#iterator.return?.();
    if (before === "waiting" && closed instanceof Promise) closed.catch(() => {});
    else yield closed;
  }
}
