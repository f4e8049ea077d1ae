import { notAwaited } from "./not-awaited.ts";
import { KIND } from "./protocol.ts";

/**
 * The loop `for (const x of iterable)` of a function that is called again to go on: what the function iterates over each time.
 * It begins again with the item at which the function has left, and passes on what closes it.
 */
class Loop implements Iterator<unknown>, Iterable<unknown> {
  readonly #iterator: Iterator<unknown>;
  /** Read once, as `for…of` does. */
  readonly #next: Iterator<unknown>["next"];
  /** The function leaves to wait: that closes nothing, and the next item is this one once more. */
  stays = false;
  /** It is its own result. */
  done = false;
  value: unknown = undefined;

  constructor(iterable: Iterable<unknown>) {
    this.#iterator = iterable[Symbol.iterator]();
    this.#next = this.#iterator.next;
  }

  next(): IteratorResult<unknown> {
    if (this.stays) {
      this.stays = false;
      return this;
    }
    const step = this.#next.call(this.#iterator);
    // What is no result is for the loop to complain of.
    if (typeof step !== "object" || step === null) return step;
    this.done = Boolean(step.done);
    this.value = this.done ? undefined : step.value;
    return this;
  }

  return(): IteratorResult<unknown> {
    const iterator = this.#iterator;
    return this.stays || iterator.return === undefined || iterator.return === null ? this : iterator.return();
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** `for (const x of iterable)`, see `Loop`. @throws {RuntimeError} for what must be awaited: the iterator of that is for `yield*`. */
export function loop(iterable: unknown): Loop {
  if (typeof (iterable as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== "function")
    throw new TypeError(
      `${typeof iterable === "object" && iterable !== null ? "object" : String(iterable)} is not iterable`,
    );
  if ((iterable as { [KIND]?: unknown })[KIND] !== undefined) notAwaited(iterable);
  return new Loop(iterable as Iterable<unknown>);
}
