import type { TextDecoder } from "node:util";
import { type Coroutine, coroutine } from "tsyncio";
import type { WireBody } from "../wire/transport.ts";
import { decodeText, streamDecoder } from "./charset.ts";
import type { HttpHeaders } from "./headers.ts";
import { type ResponseParts, parseJson } from "./response.ts";

/**
 * An answer whose body is still to come. It is read once: as parts (`for await`), as lines, or as a whole. Only a little is read
 * ahead of who reads: a slow reader slows down the server.
 *
 * Read to its end, the connection serves the next request. To be left before, it is to be closed, which `await using` does; that
 * closes the connection.
 */
export class StreamingResponse implements AsyncDisposable, AsyncIterable<Uint8Array> {
  /** The method of the request that it answers. */
  readonly method: string;
  /** Where it comes from: after redirects the last. Without credentials. */
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: HttpHeaders;
  /** The URLs that have led here by redirects, the first one first. */
  readonly redirects: readonly string[];
  /** How many attempts it took. */
  readonly attempts: number;
  /** Milliseconds from the call until the headers were there. */
  readonly elapsed: number;
  readonly #body: WireBody;

  /** @internal */
  constructor(parts: ResponseParts, body: WireBody) {
    this.method = parts.method;
    this.url = parts.url;
    this.status = parts.status;
    this.statusText = parts.statusText;
    this.headers = parts.headers;
    this.redirects = parts.redirects;
    this.attempts = parts.attempts;
    this.elapsed = parts.elapsed;
    this.#body = body;
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /**
   * The parts of the body as they come. Leaving the loop closes the connection.
   *
   * **When cancelled**: the connection is closed, and what had come of the body is lost.
   *
   * @throws {RuntimeError} when it has been read already, or is closed.
   * @throws {HttpError} as the request.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  }

  /**
   * The rest of the body.
   *
   * **When cancelled**: the connection is closed.
   *
   * @throws {HttpError} as the request.
   */
  bytes(): Coroutine<Uint8Array> {
    return gathering(this.#body);
  }

  /** The body as text, see `HttpResponse.text`. */
  text(): Coroutine<string> {
    return reading(this, this.#body);
  }

  /**
   * The body, read as JSON.
   *
   * @throws {HttpDecodeError} for what is no JSON.
   */
  json<T = any>(): Coroutine<T> {
    return parsing(this, this.#body) as Coroutine<T>;
  }

  /** The lines of the body, without their ends (LF or CRLF), as they come. */
  lines(): AsyncIterable<string> {
    const body = this.#body;
    const { headers } = this;
    return { [Symbol.asyncIterator]: () => new Lines(headers, body) };
  }

  /** Gives up what has not been read. Doing so again, or after the end, does nothing. */
  close(): Coroutine<void> {
    return closing(this.#body);
  }

  [Symbol.asyncDispose](): Coroutine<void> {
    return this.close();
  }
}

const closing = coroutine(function* close(body: WireBody): Generator<any, void, any> {
  body.cancel();
});

const gathering = coroutine(function* bytes(body: WireBody): Generator<any, Uint8Array, any> {
  return yield* gather(body);
});

const reading = coroutine(function* text(response: StreamingResponse, body: WireBody): Generator<any, string, any> {
  return decodeText(response.headers, yield* gather(body));
});

const parsing = coroutine(function* json(response: StreamingResponse, body: WireBody): Generator<any, unknown, any> {
  return parseJson(response, decodeText(response.headers, yield* gather(body)));
});

/** @internal All of it, in one piece. Interrupted, it is given up. */
export function* gather(body: WireBody): Generator<any, Uint8Array, any> {
  const parts: Uint8Array[] = [];
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = (yield iterator.next()) as IteratorResult<Uint8Array>;
      if (step.done === true) break;
      parts.push(step.value);
    }
  } catch (error) {
    body.cancel();
    throw error;
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

class Lines implements AsyncIterator<string, undefined> {
  readonly #headers: HttpHeaders;
  readonly #body: WireBody;
  readonly #parts: AsyncIterator<Uint8Array>;
  #decoder: TextDecoder | null = null;
  #lines: string[] = [];
  /** What came after the last end of a line, in pieces. */
  #rest: string[] = [];
  #ended = false;

  constructor(headers: HttpHeaders, body: WireBody) {
    this.#headers = headers;
    this.#body = body;
    this.#parts = body[Symbol.asyncIterator]();
  }

  next(): Coroutine<IteratorResult<string, undefined>> {
    return nextLine(this);
  }

  return(): Coroutine<IteratorResult<string, undefined>> {
    return leaving(this.#body);
  }

  /** @internal */
  *read(): Generator<any, IteratorResult<string, undefined>, any> {
    while (this.#lines.length === 0) {
      if (this.#ended) return { done: true, value: undefined };
      const step = (yield this.#parts.next()) as IteratorResult<Uint8Array>;
      if (step.done === true) this.#end();
      else this.#split(step.value);
    }
    return { done: false, value: this.#lines.shift() as string };
  }

  #split(part: Uint8Array): void {
    this.#decoder ??= streamDecoder(this.#headers, part);
    const pieces = this.#decoder.decode(part, { stream: true }).split("\n");
    const last = pieces.pop() as string;
    for (const piece of pieces) {
      this.#lines.push(withoutReturn(this.#rest.join("") + piece));
      this.#rest = [];
    }
    this.#rest.push(last);
  }

  #end(): void {
    this.#ended = true;
    const last = this.#rest.join("") + (this.#decoder?.decode() ?? "");
    if (last !== "") this.#lines.push(withoutReturn(last));
  }
}

const nextLine = coroutine(function* next(lines: Lines) {
  return yield* lines.read();
});

const leaving = coroutine(function* leave(body: WireBody): Generator<any, IteratorResult<string, undefined>, any> {
  body.cancel();
  return { done: true, value: undefined };
});

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);
