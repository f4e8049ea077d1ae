import { isUtf8 } from "node:buffer";
import { asyncGenerator, give } from "tsyncio";
import { BatchError, InputFault } from "../errors.ts";
import type { BatchInput, InputItem } from "./batch-input.ts";
import { type ByteSource, type OpenSource, openSource } from "./byte-source.ts";
import { type Line, LineCutter } from "./line-cutter.ts";
import { Pull } from "./pull.ts";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Items from lines of JSON (JSONL, NDJSON), one value a line. Empty lines are left out; a line that is no JSON, or not UTF-8, is
 * reported with its number and the others go on.
 *
 * @throws {BatchError} for a file that is not there.
 * @throws {TypeError} for what has no bytes to read.
 * @see https://jsonlines.org
 */
export function jsonlInput(source: ByteSource): BatchInput {
  const opened = openSource(source);
  return { name: opened.name, size: opened.size, items: () => reading(opened) };
}

const reading: (source: OpenSource) => AsyncIterator<readonly InputItem[]> = asyncGenerator(function* readJsonl(
  source: OpenSource,
) {
  const cutter = new LineCutter();
  const chunks = new Pull(source.bytes());
  try {
    for (;;) {
      const { done, value: chunk } = yield* chunks.next();
      if (done === true) break;
      const items = cut(cutter, chunk, source.name).filter(hasText).map(JsonItem.of);
      if (items.length > 0) yield* give(items);
    }
  } finally {
    yield* chunks.close();
  }
  const last = cutter.rest();
  if (last !== null && hasText(last)) yield* give([JsonItem.of(last)]);
});

function cut(cutter: LineCutter, chunk: Uint8Array, name: string): Line[] {
  try {
    return cutter.cut(chunk);
  } catch (error) {
    throw new BatchError(`Cannot read ${name}: ${(error as Error).message}; is it JSONL?`, { cause: error });
  }
}

function hasText(line: Line): boolean {
  return line.hasText(markOf(line));
}

/** How long the byte order mark is that the line begins with. */
function markOf(line: Line): number {
  if (line.number > 1) return 0;
  const { bytes } = line;
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
}

class JsonItem implements InputItem {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  static of(this: void, line: Line): JsonItem {
    return new JsonItem(line);
  }

  get line(): number {
    return this.#line.number;
  }

  get end(): number {
    return this.#line.end;
  }

  value(): unknown {
    const { number, bytes } = this.#line;
    if (!isUtf8(bytes)) throw new InputFault(`Cannot read line ${number}: it is not UTF-8`);
    const text = bytes.toString("utf8", markOf(this.#line));
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new InputFault(`Cannot read line ${number}: it is no JSON, ${(error as Error).message}`, { cause: error });
    }
  }
}
