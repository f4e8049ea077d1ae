import { CancelledError } from "tsyncio";

/** Anything that gives one item after the other. */
type Source<T> = Iterable<T> | AsyncIterable<T>;

/**
 * The items of a source, ours or a foreign one, one after the other. Who takes them closes it in the end, however it ends: then
 * nothing of the source stays open.
 */
export class Chunks<T = Uint8Array> {
  readonly #source: Source<T>;
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  #state: "open" | "waiting" | "over" = "open";

  constructor(source: Source<T>) {
    this.#source = source;
    this.#iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : (source as Iterable<T>)[Symbol.iterator]();
  }

  /** Waits for the next one; null at the end. */
  *next(): Generator<any, T | null, any> {
    this.#state = "waiting";
    let step: IteratorResult<T>;
    try {
      step = yield this.#iterator.next();
    } catch (error) {
      // One that throws has closed itself.
      if (!(error instanceof CancelledError)) this.#state = "over";
      throw error;
    }
    this.#state = step.done ? "over" : "open";
    return step.done ? null : step.value;
  }

  /** Closes what has not ended. Doing so again does nothing. */
  *close(): Generator<any, void, any> {
    const before = this.#state;
    this.#state = "over";
    if (before === "over") return;
    const closed: unknown = this.#iterator.return?.();
    if (before === "waiting" && closed instanceof Promise) this.#abandon(closed);
    else yield closed;
  }

  /** A native iterator in the middle of a step is told, and not waited for: it may never answer. Node's streams are destroyed. */
  #abandon(closed: Promise<unknown>): void {
    closed.catch(() => {});
    const { destroy } = this.#source as { destroy?: unknown };
    if (typeof destroy === "function") destroy.call(this.#source);
  }
}
