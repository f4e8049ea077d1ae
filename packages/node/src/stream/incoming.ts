import { type EventLoop, type Future, RuntimeError } from "tsyncio";
import { LimitOverrunError } from "../errors.ts";
import type { SocketAddress } from "../transport/protocol.ts";
import { addressText } from "../transport/socket-address.ts";
import type { BaseTransport, ReadTransport } from "../transport/transport.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Separators } from "./separators.ts";

/** How many bytes a stream buffers before it is paused, and how long a line may be, unless it is told otherwise. */
const DEFAULT_LIMIT = 65_536;

/** @throws {RangeError} unless it is above 0. */
export function checkedLimit(limit: number = DEFAULT_LIMIT): number {
  if (limit > 0) return limit;
  throw new RangeError(`Cannot create StreamReader: limit must be > 0, received ${String(limit)}`);
}

/**
 * What has come from a peer and is not read: the half of a `StreamReader` that is fed.
 *
 * | the task that reads | by | the transport | by |
 * |---|---|---|---|
 * | is not waiting | the start; data, the end, an error, a cancellation | is reading | the start; a wait, or `take()` down to the limit |
 * | waits | `arrival()` | is paused | `feed()` beyond the limit |
 */
export class Incoming {
  readonly limit: number;
  ended = false;
  error: unknown = null;
  readonly #loop: EventLoop;
  readonly #bytes: ByteQueue = new ByteQueue();
  #waiter: Future<void> | null = null;
  #transport: BaseTransport | null = null;
  #paused = false;

  constructor(limit: number, loop: EventLoop) {
    this.limit = limit;
    this.#loop = loop;
  }

  /** How many bytes are buffered. */
  get size(): number {
    return this.#bytes.size;
  }

  feed(data: Uint8Array): void {
    if (this.ended) throw new RuntimeError("Cannot feed data to StreamReader: its end was fed already");
    if (data.length === 0) return;
    this.#bytes.push(data);
    this.#wake();
    if (this.#bytes.size > this.limit && !this.#paused && this.#transport !== null) this.#pause();
  }

  end(): void {
    this.ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.error = error;
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null || waiter.done()) return;
    waiter.setException(error);
    // A task that is cancelled before it hears of it has missed nothing: the next read throws it.
    waiter.exception();
  }

  #wake(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    if (!waiter.done()) waiter.setResult();
  }

  setTransport(transport: BaseTransport): void {
    if (this.#transport !== null) throw new RuntimeError("Cannot set the transport of StreamReader: it has one");
    this.#transport = transport;
  }

  /** What has come from the one before stays. */
  replaceTransport(transport: BaseTransport): void {
    this.#transport = transport;
    this.#paused = false;
    if (this.#bytes.size > this.limit) this.#pause();
  }

  #pause(): void {
    try {
      (this.#transport as ReadTransport).pauseReading();
      this.#paused = true;
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      // It cannot be paused: all its data is buffered.
      this.#transport = null;
    }
  }

  #resume(): void {
    this.#paused = false;
    (this.#transport as ReadTransport).resumeReading();
  }

  /** To be called before anything is read. @throws what broke the stream. */
  check(): void {
    if (this.error !== null) throw this.error;
  }

  /** Waits until there is more than now: data, the end, or an error, which it throws. */
  *arrival(): Generator<undefined, void, unknown> {
    const waiter = this.#loop.createFuture<void>();
    try {
      this.#expect(waiter);
      yield* waiter;
    } finally {
      this.#forget(waiter);
    }
  }

  /** Waits until both have ended. @throws what breaks one of them. */
  static *bothEnds(one: Incoming, other: Incoming): Generator<undefined, void, unknown> {
    one.check();
    other.check();
    while (!one.ended || !other.ended) {
      const waiter = one.#loop.createFuture<void>();
      try {
        if (!one.ended) one.#expect(waiter);
        if (!other.ended) other.#expect(waiter);
        yield* waiter;
      } finally {
        one.#forget(waiter);
        other.#forget(waiter);
      }
    }
  }

  #expect(waiter: Future<void>): void {
    if (this.#waiter !== null)
      throw new RuntimeError(
        "Cannot read from StreamReader: another task is waiting for its data already; let one task read, or hold a Lock",
      );
    this.check();
    // Or what is bigger than the limit would never come.
    if (this.#paused) this.#resume();
    this.#waiter = waiter;
  }

  #forget(waiter: Future<void>): void {
    if (this.#waiter === waiter) this.#waiter = null;
  }

  /** Takes `count` bytes, of which there are so many. */
  take(count: number): Buffer {
    const taken = this.#bytes.take(count);
    if (this.#paused && this.#bytes.size <= this.limit) this.#resume();
    return taken;
  }

  /**
   * Waits for the first of the separators: gives where it ends, -1 when the stream ends before.
   *
   * @throws {LimitOverrunError} when more than the limit comes before it.
   */
  *find(separators: Separators): Generator<undefined, number, unknown> {
    this.check();
    const bytes = this.#bytes;
    const { all, longest } = separators;
    // Where a match may begin: before, there is none.
    let from = 0;
    for (;;) {
      let begin = -1;
      let end = Infinity;
      for (const separator of all) {
        const found = bytes.indexOf(separator, from);
        if (found >= 0 && found + separator.length < end) {
          begin = found;
          end = found + separator.length;
        }
      }
      if (begin > this.limit) throw this.#overrun(separators, begin, "comes after");
      if (begin >= 0) return end;
      from = Math.max(0, bytes.size + 1 - longest);
      if (from > this.limit) throw this.#overrun(separators, from, "does not come within");
      if (this.ended) return -1;
      yield* this.arrival();
    }
  }

  #overrun(separators: Separators, consumed: number, where: string): LimitOverrunError {
    return new LimitOverrunError(
      `Cannot read until ${String(separators)}${this.source}: it ${where} ${consumed} bytes, and the limit is ${this.limit}; read them otherwise, or give the stream a higher limit`,
      consumed,
    );
  }

  /** Drops what was too long: up to and with `separator` if that stands at `consumed`, else everything. */
  dropOverrun(consumed: number, separator: Uint8Array): void {
    const found = this.#bytes.indexOf(separator, consumed) === consumed;
    this.take(found ? consumed + separator.length : this.size);
  }

  /** Where it comes from, for messages: " from 127.0.0.1:5432", or nothing. */
  get source(): string {
    const peer = this.#transport?.getExtraInfo("peername") as SocketAddress | null | undefined;
    return peer ? ` from ${addressText(peer)}` : "";
  }

  /** How it stands, for the text of its reader. */
  state(): string {
    return [
      this.size > 0 ? ` ${this.size} bytes` : "",
      this.ended ? " eof" : "",
      this.limit === DEFAULT_LIMIT ? "" : ` limit=${this.limit}`,
      this.#waiter === null ? "" : ` waiter=${String(this.#waiter)}`,
      this.error === null ? "" : ` exception=${String(this.error)}`,
      this.#transport === null ? "" : ` transport=${String(this.#transport)}`,
      this.#paused ? " paused" : "",
    ].join("");
  }
}
