import { AdaptiveConcurrency, type AdaptiveConcurrencyOptions } from "@tsyncio/http";
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

/** Answers of one API may take very different times, and the limits are to be reached although they take long. */
const FOUND: AdaptiveConcurrencyOptions = { initial: 16, max: 1_000, tolerance: 3 };

/** @throws {RangeError} for a number that is no integer of at least 1. */
export function permitsFor(concurrency: number | AdaptiveConcurrencyOptions): Permits {
  if (typeof concurrency !== "number") return new FoundPermits(new AdaptiveConcurrency({ ...FOUND, ...concurrency }));
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

class FoundPermits implements Permits {
  readonly #found: AdaptiveConcurrency;

  constructor(found: AdaptiveConcurrency) {
    this.#found = found;
  }

  get limit(): number {
    return this.#found.limit;
  }

  acquire(): Coroutine<InFlight> {
    return FoundPermits.#acquire(this.#found);
  }

  static readonly #acquire = coroutine(function* acquire(found: AdaptiveConcurrency) {
    const permit = yield* found.acquire();
    return { release: (outcome: Outcome | null) => permit.release(outcome ?? undefined) };
  });
}
