import { type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { type Coroutine, type Future, coroutine, getRunningLoop } from "tsyncio";
import type { WireBody } from "../wire/transport.ts";
import type { HttpHeaders } from "./headers.ts";

/** What cannot be decoded; more than one error is told by it. */
export interface DecodingErrors {
  readonly tooLarge: () => unknown;
  readonly broken: (encoding: string, cause: Error) => unknown;
}

type Options = { readonly maxOutputLength?: number };

interface Decoder {
  readonly whole: (bytes: Uint8Array, options: Options) => Buffer;
  readonly stream: (begin: Uint8Array) => Transform;
}

/** Node 22.15 and later have it. */
const zstd = zlib as unknown as {
  readonly zstdDecompressSync?: Decoder["whole"];
  readonly createZstdDecompress?: () => Transform;
};

const gzip: Decoder = { whole: zlib.gunzipSync, stream: () => zlib.createGunzip() };

/** What is called deflate comes with the frame of zlib, as it should, or without. */
const framed = (begin: Uint8Array): boolean => ((begin[0] ?? 0) & 0x0f) === 8;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip,
  "x-gzip": gzip,
  deflate: {
    whole: (bytes, options) => (framed(bytes) ? zlib.inflateSync : zlib.inflateRawSync)(bytes, options),
    stream: (begin) => (framed(begin) ? zlib.createInflate() : zlib.createInflateRaw()),
  },
  br: { whole: zlib.brotliDecompressSync, stream: () => zlib.createBrotliDecompress() },
  ...(zstd.createZstdDecompress && {
    zstd: { whole: zstd.zstdDecompressSync as Decoder["whole"], stream: zstd.createZstdDecompress },
  }),
};

/** What is asked for. */
export const ACCEPTED_ENCODINGS: string = Object.keys(DECODERS)
  .filter((name) => name !== "x-gzip")
  .join(", ");

/** Smaller ones are decoded where they are: the way to a thread and back takes longer. */
const ON_THE_SPOT = 32_768;
/** Nobody codes more often, but to keep somebody busy. */
const MOST_CODINGS = 4;

/** The encodings that are to be taken off, outermost first. None when there is one that nobody knows: then it stays as it is. */
export function encodingsOf(headers: HttpHeaders): readonly string[] {
  const value = headers.get("content-encoding");
  if (value === null) return NONE;
  const names = value
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > MOST_CODINGS || names.some((name) => DECODERS[name] === undefined)) return NONE;
  return names.reverse();
}

const NONE: readonly string[] = [];

/** The bytes without their encodings: at most `limit` of them. */
export function* decodeWhole(
  bytes: Uint8Array,
  encodings: readonly string[],
  limit: number | null,
  errors: DecodingErrors,
): Generator<any, Uint8Array, any> {
  if (bytes.length === 0) return bytes;
  if (bytes.length > ON_THE_SPOT) return yield* gatherPlain(decodeParts(onePart(bytes), encodings, limit, errors));
  for (const encoding of encodings) bytes = decodeNow(bytes, encoding, limit, errors);
  return bytes;
}

function decodeNow(bytes: Uint8Array, encoding: string, limit: number | null, errors: DecodingErrors): Uint8Array {
  try {
    return (DECODERS[encoding] as Decoder).whole(bytes, limit === null ? {} : { maxOutputLength: Math.max(limit, 1) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw errors.tooLarge();
    throw errors.broken(encoding, cause as Error);
  }
}

function* gatherPlain(body: WireBody): Generator<any, Uint8Array, any> {
  const parts: Uint8Array[] = [];
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = (yield iterator.next()) as IteratorResult<Uint8Array>;
      if (step.done === true) return Buffer.concat(parts);
      parts.push(step.value);
    }
  } catch (error) {
    body.cancel();
    throw error;
  }
}

/** A body without its encodings, decoded as it is read: at most `limit` bytes of it. */
export function decodeParts(
  body: WireBody,
  encodings: readonly string[],
  limit: number | null,
  errors: DecodingErrors,
): WireBody {
  for (const encoding of encodings) body = new DecodedBody(body, encoding, errors);
  return limit === null ? body : new LimitedBody(body, limit, errors);
}

function onePart(bytes: Uint8Array): WireBody {
  const steps = [bytes];
  const iterator = {
    next: () => part(steps),
  };
  return { [Symbol.asyncIterator]: () => iterator, cancel: () => {} };
}

const part = coroutine(function* part(steps: Uint8Array[]): Generator<any, IteratorResult<Uint8Array>, any> {
  const value = steps.pop();
  return value === undefined ? { done: true, value: undefined } : { done: false, value };
});

/** A body that another is made of, part by part. */
abstract class Derived implements WireBody {
  protected readonly source: WireBody;

  constructor(source: WireBody) {
    this.source = source;
  }

  abstract cancel(): void;

  /** The next part; null at the end. */
  abstract take(parts: AsyncIterator<Uint8Array>): Generator<any, Uint8Array | null, any>;

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const parts = this.source[Symbol.asyncIterator]();
    return {
      next: () => next(this, parts),
      return: () => leave(this),
    };
  }
}

const next: (body: Derived, parts: AsyncIterator<Uint8Array>) => Coroutine<IteratorResult<Uint8Array, undefined>> =
  coroutine(function* next(
    body: Derived,
    parts: AsyncIterator<Uint8Array>,
  ): Generator<any, IteratorResult<Uint8Array, undefined>, any> {
    let value: Uint8Array | null;
    try {
      value = yield* body.take(parts);
    } catch (error) {
      body.cancel();
      throw error;
    }
    return value === null ? { done: true, value: undefined } : { done: false, value };
  });

const leave: (body: Derived) => Coroutine<IteratorResult<Uint8Array, undefined>> = coroutine(function* leave(
  body: Derived,
): Generator<any, IteratorResult<Uint8Array, undefined>, any> {
  body.cancel();
  return { done: true, value: undefined };
});

class DecodedBody extends Derived {
  readonly #encoding: string;
  readonly #errors: DecodingErrors;
  #stream: Transform | null = null;
  /** The decoder still works at what it was given. */
  #busy = false;
  #inputEnded = false;
  #error: Error | null = null;
  #event: Future<undefined> | null = null;

  constructor(source: WireBody, encoding: string, errors: DecodingErrors) {
    super(source);
    this.#encoding = encoding;
    this.#errors = errors;
  }

  cancel(): void {
    this.#stream?.destroy();
    this.source.cancel();
  }

  *take(parts: AsyncIterator<Uint8Array>): Generator<any, Uint8Array | null, any> {
    for (;;) {
      if (this.#error !== null) throw this.#errors.broken(this.#encoding, this.#error);
      const given = this.#stream?.read() as Buffer | null | undefined;
      if (given != null) return given;
      if (this.#stream?.readableEnded) return null;
      if (this.#inputEnded || this.#busy) {
        if (this.#stream === null) return null;
        yield* this.#wait();
      } else {
        const step = (yield parts.next()) as IteratorResult<Uint8Array>;
        this.#feed(step);
      }
    }
  }

  #feed(step: IteratorResult<Uint8Array>): void {
    if (step.done === true) {
      this.#inputEnded = true;
      this.#stream?.end();
      return;
    }
    const stream = (this.#stream ??= this.#open(step.value));
    this.#busy = true;
    stream.write(step.value, () => {
      this.#busy = false;
      this.#wake();
    });
  }

  #open(begin: Uint8Array): Transform {
    const wake = (): void => this.#wake();
    return (DECODERS[this.#encoding] as Decoder)
      .stream(begin)
      .on("readable", wake)
      .on("end", wake)
      .on("error", (error) => {
        this.#error = error;
        wake();
      });
  }

  *#wait(): Generator<any, void, any> {
    const event = getRunningLoop().createFuture<undefined>();
    this.#event = event;
    yield* event;
  }

  #wake(): void {
    const event = this.#event;
    this.#event = null;
    if (event !== null && !event.done()) event.setResult(undefined);
  }
}

class LimitedBody extends Derived {
  #left: number;
  readonly #errors: DecodingErrors;

  constructor(source: WireBody, limit: number, errors: DecodingErrors) {
    super(source);
    this.#left = limit;
    this.#errors = errors;
  }

  cancel(): void {
    this.source.cancel();
  }

  *take(parts: AsyncIterator<Uint8Array>): Generator<any, Uint8Array | null, any> {
    const step = (yield parts.next()) as IteratorResult<Uint8Array>;
    if (step.done === true) return null;
    this.#left -= step.value.length;
    if (this.#left >= 0) return step.value;
    throw this.#errors.tooLarge();
  }
}
