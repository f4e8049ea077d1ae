import { type Coroutine, type EventLoop, coroutine, getRunningLoop } from "tsyncio";
import { IncompleteReadError, LimitOverrunError } from "../errors.ts";
import { shownAsText } from "../shown-as-text.ts";
import type { BaseTransport } from "../transport/transport.ts";
import { Incoming, checkedLimit } from "./incoming.ts";
import { type Separator, Separators } from "./separators.ts";

const NEWLINE: Buffer = Buffer.from("\n");
const NEWLINES = new Separators(NEWLINE);
const EMPTY: Buffer = Buffer.alloc(0);

/** Options of `StreamReader`. */
export interface StreamReaderOptions {
  /** Beyond so many buffered bytes the peer is held back, and no line may be longer. Default: 65536. */
  readonly limit?: number | undefined;
  /** Default: the running loop. */
  readonly loop?: EventLoop;
}

/**
 * The reading half of a connection. `openConnection` and `startServer` make one and have it fed from a socket; by hand it is
 * fed with `feedData` and `feedEof`.
 *
 * When more than `limit` bytes are buffered, the socket is paused: the peer is held back, and what is there stays about as much.
 * `readexactly` and `read()` read more than that all the same. One task may wait for data at a time.
 *
 * Bytes are given as a `Buffer`, which belongs to the caller. It may be a view into a bigger one.
 *
 * **When cancelled**: a read has taken nothing, whichever it was; each byte is there for the next one.
 *
 * @example
 * ```ts
 * import { run } from "tsyncio";
 * import { StreamReader } from "@tsyncio/node";
 * async function main() {
 *   const reader = new StreamReader();
 *   reader.feedData(Buffer.from("one\ntwo\nthr"));
 *   reader.feedEof();
 *   for await (const line of reader) console.log(String(line).trimEnd());
 * }
 * await run(main()); // → one
 * // → two
 * // → thr
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#streamreader
 */
export class StreamReader implements AsyncIterable<Buffer, undefined> {
  readonly #incoming: Incoming;
  static {
    shownAsText(this.prototype);
  }

  /**
   * @throws {RangeError} unless the limit is above 0.
   * @throws {RuntimeError} when no loop is given and none is running.
   */
  constructor(options: StreamReaderOptions = {}) {
    this.#incoming = new Incoming(checkedLimit(options.limit), options.loop ?? getRunningLoop());
  }

  /**
   * Adds data, which belongs to the reader from then on.
   *
   * @throws {RuntimeError} after `feedEof()`.
   */
  feedData(data: Uint8Array): void {
    this.#incoming.feed(data);
  }

  /** No more data comes. */
  feedEof(): void {
    this.#incoming.end();
  }

  /** The stream is broken: from now on every read throws `error`. */
  setException(error: unknown): void {
    this.#incoming.fail(error);
  }

  /** What broke the stream; null while it is whole. */
  exception(): unknown {
    return this.#incoming.error;
  }

  /**
   * From now on `transport` is paused while too much is buffered.
   *
   * @throws {RuntimeError} when there is one already.
   */
  setTransport(transport: BaseTransport): void {
    this.#incoming.setTransport(transport);
  }

  /** @internal From now on it comes from `transport` instead. */
  replaceTransport(transport: BaseTransport): void {
    this.#incoming.replaceTransport(transport);
  }

  /** @internal Gives back what nobody has read. */
  takeUnread(): Buffer {
    return this.#incoming.take(this.#incoming.size);
  }

  /** @internal Reads two to their ends, at the same time. */
  static *readBoth(one: StreamReader, other: StreamReader): Generator<undefined, [Buffer, Buffer], unknown> {
    yield* Incoming.bothEnds(one.#incoming, other.#incoming);
    return [one.takeUnread(), other.takeUnread()];
  }

  /** Whether the stream has ended and everything is read. */
  atEof(): boolean {
    return this.#incoming.ended && this.#incoming.size === 0;
  }

  /**
   * Reads `n` bytes at most, as soon as there are any; none when the stream has ended. Without `n`, or with one below 0: waits
   * for the end and reads everything.
   *
   * **When cancelled**: nothing is read.
   *
   * @throws {TypeError} unless n is an integer.
   * @throws {RuntimeError} when another task waits for data.
   * @throws what broke the stream.
   */
  read(n = -1): Coroutine<Buffer> {
    checkCount("read", n);
    return n < 0 ? readingAll(this.#incoming) : reading(this.#incoming, n);
  }

  /**
   * Reads a line with its newline. When the stream has ended: what is there without a newline, and then nothing.
   *
   * **When cancelled**: nothing is read.
   *
   * @throws {RangeError} when more than `limit` bytes come before the newline; its cause is a LimitOverrunError. That line is
   *   dropped, or what is there of it.
   * @throws {RuntimeError} when another task waits for data.
   * @throws what broke the stream.
   */
  readline(): Coroutine<Buffer> {
    return readingLine(this.#incoming);
  }

  /**
   * Reads up to and with `separator`, which is a newline if none is given. Of several, the one that ends first counts.
   *
   * **When cancelled**: nothing is read.
   *
   * @throws {IncompleteReadError} when the stream ends before; `error.partial` is what was there.
   * @throws {LimitOverrunError} when more than `limit` bytes come before it. They are not read.
   * @throws {RangeError} when there is no separator, or an empty one.
   * @throws {RuntimeError} when another task waits for data.
   * @throws what broke the stream.
   */
  readuntil(separator?: Separator): Coroutine<Buffer> {
    return readingUntil(this.#incoming, separator === undefined ? NEWLINES : new Separators(separator));
  }

  /**
   * Reads `n` bytes, be they more than the limit or not.
   *
   * **When cancelled**: nothing is read.
   *
   * @throws {IncompleteReadError} when the stream ends before; `error.partial` is what was there.
   * @throws {TypeError} unless n is an integer.
   * @throws {RangeError} when n is below 0.
   * @throws {RuntimeError} when another task waits for data.
   * @throws what broke the stream.
   */
  readexactly(n: number): Coroutine<Buffer> {
    checkCount("readexactly", n);
    if (n < 0) throw new RangeError(`Cannot readexactly(): n must be >= 0, received ${n}`);
    return readingExactly(this.#incoming, n);
  }

  /** The lines, as `readline` reads them, until the stream ends. A loop that is left has lost none. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    const lines = {
      next: () => readingNextLine(this.#incoming),
      [Symbol.asyncIterator]: () => lines,
    };
    return lines;
  }

  toString(): string {
    return `<${this.constructor.name}${this.#incoming.state()}>`;
  }
}

const reading = coroutine(function* read(incoming: Incoming, n: number) {
  incoming.check();
  if (n === 0) return EMPTY;
  while (incoming.size === 0 && !incoming.ended) yield* incoming.arrival();
  return incoming.take(Math.min(n, incoming.size));
});

const readingAll = coroutine(function* read(incoming: Incoming) {
  incoming.check();
  while (!incoming.ended) yield* incoming.arrival();
  return incoming.take(incoming.size);
});

const readingExactly = coroutine(function* readexactly(incoming: Incoming, n: number) {
  incoming.check();
  if (n === 0) return EMPTY;
  while (incoming.size < n) {
    if (incoming.ended) throw incomplete(incoming, `exactly ${n} bytes`, "", n);
    yield* incoming.arrival();
  }
  return incoming.take(n);
});

const readingUntil = coroutine(function* readuntil(incoming: Incoming, separators: Separators) {
  const end = yield* incoming.find(separators);
  if (end < 0) throw incomplete(incoming, `until ${String(separators)}`, " bytes", null);
  return incoming.take(end);
});

const readingLine = coroutine(function* readline(incoming: Incoming) {
  return yield* line(incoming);
});

const readingNextLine = coroutine(function* readline(
  incoming: Incoming,
): Generator<undefined, IteratorResult<Buffer, undefined>, unknown> {
  const value = yield* line(incoming);
  return value.length === 0 ? { done: true, value: undefined } : { done: false, value };
});

function* line(incoming: Incoming): Generator<undefined, Buffer, unknown> {
  try {
    const end = yield* incoming.find(NEWLINES);
    return incoming.take(end < 0 ? incoming.size : end);
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error;
    incoming.dropOverrun(error.consumed, NEWLINE);
    throw new RangeError(
      `Cannot read a line${incoming.source}: it is longer than the limit of ${incoming.limit} bytes; it was dropped`,
      { cause: error },
    );
  }
}

function incomplete(incoming: Incoming, what: string, unit: string, expected: number | null): IncompleteReadError {
  const partial = incoming.take(incoming.size);
  return new IncompleteReadError(
    `Cannot read ${what}${incoming.source}: the stream ended after ${partial.length}${unit}; they are in error.partial`,
    partial,
    expected,
  );
}

function checkCount(method: string, n: number): void {
  if (!Number.isInteger(n)) throw new TypeError(`Cannot ${method}(): n must be an integer, received ${String(n)}`);
}
