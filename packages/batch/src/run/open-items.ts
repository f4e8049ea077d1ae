import { Event, type Task } from "tsyncio";

/** One item that is being dealt with. */
export interface OpenItem {
  /** Whether it is on the wire: then it is waited for when the batch is stopped. */
  sending: boolean;
  task: Task<void> | null;
}

/** The items that are being dealt with. Their number is bounded, and with it the memory. */
export class OpenItems {
  readonly #items: Set<OpenItem> = new Set();
  readonly #left: Event = new Event();

  get size(): number {
    return this.#items.size;
  }

  /** How many of them are on the wire. */
  get sending(): number {
    let count = 0;
    for (const { sending } of this.#items) if (sending) count++;
    return count;
  }

  add(item: OpenItem): void {
    this.#items.add(item);
  }

  delete(item: OpenItem): void {
    this.#items.delete(item);
    this.#left.set();
  }

  /** Waits until there are fewer than `most()`. */
  *room(most: () => number): Generator<unknown, void, any> {
    while (this.#items.size >= most()) {
      this.#left.clear();
      yield* this.#left.wait();
    }
  }

  /** Cancels those that are not on the wire. */
  cancelWaiting(): void {
    for (const { sending, task } of this.#items) if (!sending) task?.cancel();
  }
}
