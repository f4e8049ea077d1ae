/**
 * Stands for what was acquired: `using guard = await lock.acquire()` releases it at the end of the block, whatever
 * happens in it. Every acquire of a lock or semaphore gives the same guard.
 */
export class Guard implements Disposable {
  readonly #held: { release(): void };

  /** @internal */
  constructor(held: { release(): void }) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    this.#held.release();
  }
}
