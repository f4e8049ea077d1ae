import { closing } from "./closing.ts";
import { type Future, asyncGenerator, give, mapConcurrent } from "tsyncio";

/** Options of `map()` of an executor. */
export interface MapOptions {
  /** How many items travel together. Default: 1; more for many small calls. */
  readonly chunkSize?: number;
  /** How many chunks are under way at a time, results that nobody has taken among them. Default: twice the number of workers. */
  readonly limit?: number;
  /** Whether results come in the order of the items. Default: true. Without it they come as they are done. */
  readonly ordered?: boolean;
}

/** Results of `submit(chunk)` for the chunks of `items`, one by one. */
export function mapChunks<T, R>(
  submit: (chunk: readonly T[]) => Future<R[]>,
  items: Iterable<T> | AsyncIterable<T>,
  workers: number,
  { chunkSize = 1, limit = 2 * workers, ordered = true }: MapOptions,
): AsyncIterableIterator<R> {
  if (!Number.isInteger(chunkSize) || chunkSize < 1)
    throw new RangeError(`Cannot map: chunkSize must be an integer >= 1, received ${String(chunkSize)}`);
  if (typeof items !== "string" && !(Symbol.iterator in Object(items)) && !(Symbol.asyncIterator in Object(items)))
    throw new TypeError(`Cannot map ${String(items)}: expected an iterable or an async iterable`);
  const chunks = mapConcurrent(chunked(items, chunkSize), submit, { limit, ordered });
  return flattened(chunks) as AsyncIterableIterator<R>;
}

const flattened = asyncGenerator(function* map<R>(chunks: AsyncIterator<R[], unknown>): Generator<any, void, any> {
  try {
    for (;;) {
      const step: IteratorResult<R[], unknown> = yield chunks.next();
      if (step.done) return;
      for (const result of step.value) yield* give(result);
    }
  } finally {
    yield chunks.return?.();
  }
});

function chunked<T>(items: Iterable<T> | AsyncIterable<T>, size: number): Iterable<T[]> | AsyncIterable<T[]> {
  return Symbol.asyncIterator in Object(items)
    ? (chunkedAsync(items as AsyncIterable<T>, size) as unknown as AsyncIterable<T[]>)
    : chunkedSync(items as Iterable<T>, size);
}

function* chunkedSync<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

const chunkedAsync = asyncGenerator(function* chunks<T>(
  items: AsyncIterable<T>,
  size: number,
): Generator<any, void, any> {
  const iterator = items[Symbol.asyncIterator]();
  let over = false;
  let stepping = false;
  try {
    while (!over) {
      const chunk: T[] = [];
      while (!over && chunk.length < size) {
        stepping = true;
        const step: IteratorResult<T> = yield iterator.next();
        stepping = false;
        if (step.done) over = true;
        else chunk.push(step.value);
      }
      if (chunk.length > 0) yield* give(chunk);
    }
  } finally {
    if (!over) yield closing(iterator, stepping);
  }
});
