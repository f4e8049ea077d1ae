import { type Coroutine, type EventLoop, type Future, RuntimeError, coroutine } from "tsyncio";
import type { Patience } from "./patience.ts";
import type { WireBody } from "./transport.ts";

/** So many bytes are held before the wire is told to stop, and so many again are let come when they are fetched. */
const AHEAD = 65_536;

/** Where a body comes from. */
export interface BodyOrigin {
  readonly loop: EventLoop;
  /** Has the wire go on. */
  readonly resume: () => void;
  readonly patience: Patience;
  /** How long to wait for the next part. */
  readonly limit: number | null;
  /** Closes the connection. */
  readonly cancel: () => void;
}

/** A body between the wire, which is stopped while enough is held, and who reads it. */
export class ArrivingBody implements WireBody {
  readonly #origin: BodyOrigin;
  #parts: Uint8Array[] = [];
  #held = 0;
  #stopped = false;
  #ended = false;
  #error: unknown = undefined;
  #arrival: Future<undefined> | null = null;
  #iterated = false;
  /** Nobody is to have the rest. */
  #cancelled = false;
  readonly #resource = { loopClosed: (): void => this.cancel() };

  constructor(origin: BodyOrigin) {
    this.#origin = origin;
    // One that nobody reads holds a connection, and that the process.
    origin.loop.resources.add(this.#resource);
  }

  /** @returns whether the wire may go on. */
  push(part: Uint8Array): boolean {
    if (part.length === 0) return !this.#stopped;
    this.#parts.push(part);
    this.#held += part.length;
    this.#wake();
    this.#stopped = this.#held >= AHEAD;
    return !this.#stopped;
  }

  complete(): void {
    this.#finish();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.#finish();
  }

  cancel(): void {
    this.#cancelled ||= !this.#ended || this.#parts.length > 0;
    this.#parts = [];
    this.#held = 0;
    if (this.#ended) return;
    this.#origin.cancel();
    this.#finish();
  }

  /** The parts, in one iteration. Leaving it, or being cancelled in it, gives up the rest. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#iterated) throw new RuntimeError("Cannot read the body: it has been read already, or is being read");
    this.#iterated = true;
    return {
      next: () => next(this),
      return: () => leave(this),
    };
  }

  /** @internal */
  *take(): Generator<any, Uint8Array | null, any> {
    while (this.#parts.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#cancelled) throw new RuntimeError("Cannot read the body: it is closed; read it before that");
      if (this.#ended) return null;
      yield* this.#wait();
    }
    const part = this.#parts.shift() as Uint8Array;
    this.#held -= part.length;
    if (this.#stopped && this.#held < AHEAD / 2) {
      this.#stopped = false;
      this.#origin.resume();
    }
    return part;
  }

  *#wait(): Generator<any, void, any> {
    const { loop, patience, limit } = this.#origin;
    if (this.#arrival !== null) throw new RuntimeError("Cannot read the body: another task waits for it");
    const arrival = loop.createFuture<undefined>();
    this.#arrival = arrival;
    patience.begin(limit);
    try {
      yield* arrival;
    } catch (error) {
      this.cancel();
      throw error;
    } finally {
      this.#arrival = null;
      if (!this.#ended) patience.begin(null);
    }
  }

  #wake(): void {
    if (this.#arrival !== null && !this.#arrival.done()) this.#arrival.setResult(undefined);
  }

  #finish(): void {
    this.#ended = true;
    this.#origin.loop.resources.delete(this.#resource);
    this.#wake();
  }
}

const next: (body: ArrivingBody) => Coroutine<IteratorResult<Uint8Array, undefined>> = coroutine(function* next(
  body: ArrivingBody,
) {
  const value = yield* body.take();
  return value === null ? { done: true as const, value: undefined } : { done: false as const, value };
});

const leave: (body: ArrivingBody) => Coroutine<IteratorResult<Uint8Array, undefined>> = coroutine(function* leave(
  body: ArrivingBody,
) {
  body.cancel();
  return { done: true as const, value: undefined };
});
