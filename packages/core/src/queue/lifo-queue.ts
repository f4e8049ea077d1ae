import { Queue, type QueueItems } from "./queue.ts";

class Stack<T> implements QueueItems<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}

/**
 * A queue that gives the newest item first.
 *
 * @see https://docs.python.org/3.13/library/asyncio-queue.html#asyncio.LifoQueue
 */
export class LifoQueue<T> extends Queue<T> {
  /** @param maxsize how many items it takes; without limit when 0 or less. */
  constructor(maxsize = 0) {
    super(maxsize, new Stack<T>());
  }
}
