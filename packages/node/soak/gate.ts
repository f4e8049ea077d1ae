import { Event } from "tsyncio";

/**
 * Where those who work pass before each operation, so that they can be held up.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | open | the start, `open()` | `quiet()` |
 * | quiet | all have stopped working | `open()` |
 */
export class Gate {
  #working = 0;
  readonly #mayWork = new Event();
  readonly #idle = new Event();

  constructor() {
    this.#mayWork.set();
  }

  /** Does some work, when the gate is open. */
  async pass(work: () => PromiseLike<void>): Promise<void> {
    await this.#mayWork.wait();
    this.#working++;
    try {
      await work();
    } finally {
      if (--this.#working === 0) this.#idle.set();
    }
  }

  /** Holds them up, and waits until nobody works. */
  async quiet(): Promise<void> {
    this.#mayWork.clear();
    this.#idle.clear();
    if (this.#working > 0) await this.#idle.wait();
  }

  open(): void {
    this.#mayWork.set();
  }
}
