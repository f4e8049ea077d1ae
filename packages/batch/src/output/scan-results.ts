import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { type Coroutine, coroutine } from "tsyncio";
import { ResultsError } from "../errors.ts";
import { LineCutter } from "../input/line-cutter.ts";
import { Pull } from "../input/pull.ts";
import { type ResultHead, resultHead } from "./batch-result.ts";

const CHUNK = 64 * 1024;

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
  const file = createReadStream(path, { highWaterMark: CHUNK, end: size - 1 });
  const chunks = new Pull(file as AsyncIterable<Uint8Array>);
  try {
    for (;;) {
      const { done, value: chunk } = yield* chunks.next();
      if (done === true) return;
      for (const { number, end, length, bytes } of cutter.cut(chunk)) {
        if (length === 0) continue;
        const head = resultHead(bytes);
        if (head === null) throw noResult(path, number);
        see(head, { offset: end - length - 1, length: length + 1 }, bytes);
      }
    }
  } finally {
    yield* chunks.close();
  }
});

function noResult(path: string, line: number): ResultsError {
  return new ResultsError(
    `Cannot continue ${path}: line ${line} is no result of a batch; name another output than ${basename(path)}, or remove that line (its request is sent again then)`,
  );
}
