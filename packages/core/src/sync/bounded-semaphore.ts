import { RuntimeError } from "../errors.ts";
import { Semaphore, type SemaphoreStatistics } from "./semaphore.ts";

/** How a bounded semaphore is doing. */
export interface BoundedSemaphoreStatistics extends SemaphoreStatistics {
  /** The number of permits that it started with. */
  readonly bound: number;
}

/**
 * A semaphore that refuses to grow beyond its first value: a release too many is a mistake and throws.
 *
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.BoundedSemaphore
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /** @throws {RangeError} for a negative or fractional number of permits. */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /** @throws {RuntimeError} when every permit is there already. */
  override release(): void {
    if (this.value >= this.#bound) {
      throw new RuntimeError(
        `Cannot release ${this.constructor.name}: it was released too many times; all of its ${this.#bound} permits are free`,
      );
    }
    super.release();
  }

  override statistics(): BoundedSemaphoreStatistics {
    return Object.freeze({ ...super.statistics(), bound: this.#bound });
  }
}
