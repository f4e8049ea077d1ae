import { randomBytes } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncGenerator, give } from "tsyncio";
import type { BodySource, OutgoingBody } from "./body.ts";
import { Chunks } from "./chunks.ts";

/** How a part is labelled. */
export interface PartOptions {
  /** Makes a file of it. */
  readonly filename?: string;
  /** Default: of text none, of files `application/octet-stream`. */
  readonly contentType?: string;
  /** How many bytes it has, where that cannot be seen: then the whole body has a `content-length`. */
  readonly size?: number;
}

interface Part {
  readonly head: Buffer;
  /** Null when it is not known. */
  readonly size: number | null;
  readonly content: Uint8Array | (() => BodySource);
}

/**
 * A body of several parts, as a form of HTML with files sends it. Files are read as they are sent, and again when the request is
 * repeated.
 *
 * @example
 * ```ts fragment
 * const body = new Multipart().add("title", "A report").addFile("file", "report.pdf", { contentType: "application/pdf" });
 * await client.post("upload", { multipart: body });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export class Multipart {
  readonly #boundary: string = `tsyncio-${randomBytes(18).toString("hex")}`;
  readonly #parts: Part[] = [];

  /**
   * Adds a part: text, bytes, or a function that gives what is sent as it comes.
   *
   * @throws {TypeError} for what is none. @throws {RangeError} for a size that is none.
   */
  add(name: string, value: string | number | Uint8Array | (() => BodySource), options: PartOptions = {}): this {
    const content = contentOf(name, value);
    const { size = typeof content === "function" ? null : content.length } = options;
    if (size !== null && !(Number.isSafeInteger(size) && size >= 0))
      throw new RangeError(`Cannot add part "${name}": size must be an integer >= 0, received ${String(size)}`);
    this.#parts.push({ head: this.#head(name, options), size, content });
    return this;
  }

  /**
   * Adds a file. It is opened when the body is sent.
   *
   * @throws Node's error when there is no such file.
   */
  addFile(name: string, path: string | URL, options: PartOptions = {}): this {
    const { size } = statSync(path);
    const filename = options.filename ?? basename(path instanceof URL ? fileURLToPath(path) : path);
    return this.add(name, () => createReadStream(path) as AsyncIterable<Uint8Array>, { size, ...options, filename });
  }

  /** @internal */
  outgoing(): OutgoingBody {
    const parts = [...this.#parts];
    const end = Buffer.from(`--${this.#boundary}--\r\n`);
    let length: number | null = end.length;
    for (const { head, size } of parts)
      length = size === null || length === null ? null : length + head.length + size + 2;
    return {
      bytes: null,
      parts: () => sending(parts, end) as AsyncIterable<Uint8Array>,
      repeatable: true,
      contentType: `multipart/form-data; boundary=${this.#boundary}`,
      length,
    };
  }

  #head(name: string, { filename, contentType }: PartOptions): Buffer {
    const type = contentType ?? (filename === undefined ? undefined : "application/octet-stream");
    if (type !== undefined && /[\r\n]/.test(type))
      throw new TypeError(`Cannot add part "${name}": its contentType has a line break`);
    const file = filename === undefined ? "" : `; filename="${escaped(filename)}"`;
    const line = type === undefined ? "" : `\r\ncontent-type: ${type}`;
    return Buffer.from(
      `--${this.#boundary}\r\ncontent-disposition: form-data; name="${escaped(name)}"${file}${line}\r\n\r\n`,
    );
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '"': "%22", "\r": "%0D", "\n": "%0A" };
const LINE_END = Buffer.from("\r\n");

/** As browsers do it. */
const escaped = (text: string): string => text.replace(/["\r\n]/g, (character) => ESCAPES[character] as string);

function contentOf(name: string, value: unknown): Part["content"] {
  if (typeof value === "string" || typeof value === "number") return Buffer.from(String(value));
  if (value instanceof Uint8Array) return value;
  if (typeof value === "function") return value as () => BodySource;
  throw new TypeError(
    `Cannot add part "${name}": expected text, bytes, or a function that gives an iterable of them, received ${String(value)}`,
  );
}

const sending = asyncGenerator<[readonly Part[], Buffer], Uint8Array | string>(function* multipart(parts, end) {
  for (const { head, content } of parts) {
    yield* give(head);
    if (content instanceof Uint8Array) yield* give(content);
    else yield* sendingAll(content());
    yield* give(LINE_END);
  }
  yield* give(end);
});

function* sendingAll(source: BodySource): Generator<any, void, any> {
  const chunks = new Chunks(source);
  try {
    for (;;) {
      const chunk: Uint8Array | string | null = yield* chunks.next();
      if (chunk === null) return;
      yield* give(chunk);
    }
  } finally {
    yield* chunks.close();
  }
}
