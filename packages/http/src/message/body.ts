import { type Coroutine, coroutine } from "tsyncio";
import { Chunks } from "./chunks.ts";
import { Multipart } from "./multipart.ts";
import { type QueryValues, parametersOf } from "./query.ts";

/** The parts of a body that is sent as it comes: bytes, or text as UTF-8. */
export type BodySource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** What of the options of a request is its body: one of them. */
export interface BodyOptions {
  /** A body of JSON. One of `json`, `form`, `multipart` and `body` can be given. */
  readonly json?: unknown;
  /** A body as a form of HTML sends it: `application/x-www-form-urlencoded`. */
  readonly form?: QueryValues;
  /** A body of several parts, files among them: `multipart/form-data`. */
  readonly multipart?: Multipart;
  /**
   * A body as it is, text as UTF-8. An iterable is sent as it comes, no faster than the server takes it; once, so that the request
   * cannot be repeated. What a function gives can be.
   */
  readonly body?: string | Uint8Array | BodySource | (() => BodySource);
}

/** A body that can be sent. */
export interface OutgoingBody {
  /** To be sent in one piece; else `parts` are there. */
  readonly bytes: Uint8Array | null;
  /** Begins it. Null when there are `bytes`. */
  readonly parts: (() => AsyncIterable<Uint8Array>) | null;
  /** Whether it can be sent again. */
  readonly repeatable: boolean;
  readonly contentType: string | null;
  /** How long `parts` are together, if that is known. */
  readonly length: number | null;
}

const KINDS = ["json", "form", "multipart", "body"] as const;

/** @throws {TypeError} for two bodies, and for what is none. */
export function outgoingBody(options: BodyOptions): OutgoingBody | null {
  const given = KINDS.filter((kind) => options[kind] !== undefined);
  if (given.length > 1) throw new TypeError(`Cannot send a body: ${given.join(" and ")} are given; pass one of them`);
  switch (given[0]) {
    case "json":
      return whole(jsonBytes(options.json), "application/json");
    case "form":
      return whole(
        Buffer.from(parametersOf(options.form as QueryValues, "form").toString()),
        "application/x-www-form-urlencoded",
      );
    case "multipart":
      return multipartOf(options.multipart);
    case "body":
      return bodyOf(options.body as NonNullable<BodyOptions["body"]>);
    default:
      return null;
  }
}

const whole = (bytes: Uint8Array, contentType: string | null): OutgoingBody => ({
  bytes,
  parts: null,
  repeatable: true,
  contentType,
  length: null,
});

function multipartOf(multipart: unknown): OutgoingBody {
  if (!(multipart instanceof Multipart))
    throw new TypeError(`Cannot send a body: multipart must be a Multipart, received ${String(multipart)}`);
  const body = multipart.outgoing();
  return { ...body, parts: () => partsOf((body.parts as () => BodySource)()) };
}

function jsonBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`Cannot send JSON: ${typeof value} has none`);
  return Buffer.from(text);
}

function bodyOf(body: NonNullable<BodyOptions["body"]>): OutgoingBody {
  if (typeof body === "string") return whole(Buffer.from(body), "text/plain; charset=utf-8");
  if (body instanceof Uint8Array) return whole(body, null);
  if (typeof body === "function")
    return { bytes: null, parts: () => partsOf(body()), repeatable: true, contentType: null, length: null };
  checkSource(body);
  return { bytes: null, parts: () => partsOf(body), repeatable: false, contentType: null, length: null };
}

function checkSource(source: unknown): void {
  if (typeof source === "object" && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source))
    return;
  throw new TypeError(
    `Cannot send a body: expected text, bytes, an iterable of them, or a function that gives one, received ${String(source)}`,
  );
}

function partsOf(source: BodySource): AsyncIterable<Uint8Array> {
  checkSource(source);
  return { [Symbol.asyncIterator]: () => new Parts(source) };
}

class Parts implements AsyncIterator<Uint8Array> {
  readonly #chunks: Chunks<Uint8Array | string>;

  constructor(source: BodySource) {
    this.#chunks = new Chunks(source);
  }

  next(): Coroutine<IteratorResult<Uint8Array>> {
    return nextPart(this.#chunks);
  }

  return(): Coroutine<IteratorResult<Uint8Array>> {
    return leave(this.#chunks);
  }
}

/** Interrupted, or failed by what it was given, it closes the source. */
const nextPart = coroutine(function* next(
  chunks: Chunks<Uint8Array | string>,
): Generator<any, IteratorResult<Uint8Array>, any> {
  try {
    for (;;) {
      const chunk: Uint8Array | string | null = yield* chunks.next();
      if (chunk === null) return { done: true, value: undefined };
      const part = partBytes(chunk);
      // A part of nothing would end a body that is sent in chunks.
      if (part.length > 0) return { done: false, value: part };
    }
  } catch (error) {
    yield* chunks.close();
    throw error;
  }
});

const leave = coroutine(function* leave(
  chunks: Chunks<Uint8Array | string>,
): Generator<any, IteratorResult<Uint8Array>, any> {
  yield* chunks.close();
  return { done: true, value: undefined };
});

function partBytes(part: unknown): Uint8Array {
  if (typeof part === "string") return Buffer.from(part);
  if (part instanceof Uint8Array) return part;
  throw new TypeError(`Cannot send a body: its parts must be bytes or text, received ${String(part)}`);
}
