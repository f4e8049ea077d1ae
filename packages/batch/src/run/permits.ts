import { type Coroutine, Semaphore, coroutine } from "tsyncio";

/** How one exchange went, for whoever finds out how many are good at a time. */
export interface Outcome {
  /** In milliseconds. */
  readonly elapsed: number;
  /** The server had too much to do. */
  readonly failed: boolean;
}

/** The right to have one request in flight. */
export interface InFlight {
  release(outcome: Outcome | null): void;
}

/** How many requests may be in flight: a number that was given, or one that is found. */
export interface Permits {
  readonly limit: number;
  acquire(): Coroutine<InFlight>;
}

/** @throws {RangeError} for a number that is no integer of at least 1. */
export function permitsFor(concurrency: number | object): Permits {
  if (typeof concurrency !== "number") return new GivenPermits(64);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError(`Cannot send in a batch: concurrency must be an integer >= 1, received ${concurrency}`);
  return new GivenPermits(concurrency);
}

class GivenPermits implements Permits {
  readonly limit: number;
  readonly #semaphore: Semaphore;

  constructor(limit: number) {
    this.limit = limit;
    this.#semaphore = new Semaphore(limit);
  }

  acquire(): Coroutine<InFlight> {
    return GivenPermits.#acquire(this.#semaphore);
  }

  static readonly #acquire = coroutine(function* acquire(semaphore: Semaphore) {
    yield* semaphore.acquire();
    return { release: () => semaphore.release() };
  });
}

