import { asyncGenerator, give } from "tsyncio";
import type { BatchInput, InputItem } from "./batch-input.ts";
import { Pull } from "./pull.ts";

/** Items from values: an array, a generator, an async iterable. The next one is asked for when there is room for it. */
export function iterableInput(source: Iterable<unknown> | AsyncIterable<unknown>): BatchInput {
  const size = Array.isArray(source) ? source.length : null;
  return { name: "the input", size, items: () => reading(source) };
}

const reading: (source: Iterable<unknown> | AsyncIterable<unknown>) => AsyncIterator<readonly InputItem[]> =
  asyncGenerator(function* readIterable(source: Iterable<unknown> | AsyncIterable<unknown>) {
    let line = 0;
    if (!(Symbol.asyncIterator in source)) {
      for (const value of source) yield* give([item(++line, value)]);
      return;
    }
    const values = new Pull(source);
    try {
      for (;;) {
        const { done, value } = yield* values.next();
        if (done === true) return;
        yield* give([item(++line, value)]);
      }
    } finally {
      yield* values.close();
    }
  });

function item(line: number, value: unknown): InputItem {
  return { line, end: line, value: () => value };
}
