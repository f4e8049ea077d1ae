import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { type Coroutine, coroutine } from "tsyncio";
import { ResultsError } from "../errors.ts";
import { LineCutter } from "../input/line-cutter.ts";
import { closeIterator, nextItem } from "../input/next-item.ts";
import { type ResultHead, resultHead } from "./batch-result.ts";

const CHUNK = 2 ** 20;

/** Where a result stands in its file, with its line feed. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Reads the heads of all results in the first `size` bytes of a file, in which every line is whole. Takes the memory of a chunk.
 *
 * @throws {ResultsError} for a line that is no result.
 */
export function scanResults(
  path: string,
  size: number,
  see: (head: ResultHead, place: Place, bytes: Uint8Array) => void,
): Coroutine<void> {
  return scanning(path, size, see);
}

const scanning: typeof scanResults = coroutine(function* scanResults(
  path: string,
  size: number,
  see: (head: ResultHead, place: Place, bytes: Uint8Array) => void,
) {
  if (size === 0) return;
  const cutter = new LineCutter();
  const chunks = (createReadStream(path, { highWaterMark: CHUNK, end: size - 1 }) as AsyncIterable<Uint8Array>)[
    Symbol.asyncIterator
  ]();
  try {
    for (;;) {
      const chunk = yield* nextItem(chunks);
      if (chunk === undefined) return;
      for (const { number, end, bytes } of cutter.cut(chunk)) {
        if (bytes.length === 0) continue;
        const head = resultHead(bytes);
        if (head === null) throw noResult(path, number);
        see(head, { offset: end - bytes.length - 1, length: bytes.length + 1 }, bytes);
      }
    }
  } finally {
    yield* closeIterator(chunks);
  }
});

function noResult(path: string, line: number): ResultsError {
  return new ResultsError(
    `Cannot continue ${path}: line ${line} is no result of a batch; name another output than ${basename(path)}, or remove that line (its request is sent again then)`,
  );
}
