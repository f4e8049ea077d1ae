import { batch, iterableInput } from "@tsyncio/batch";
import { expect, test } from "vitest";
import { readAll } from "./read-all.ts";

test("an iterable is read one by one, as it is needed", async () => {
  let given = 0;
  function* counting() {
    for (;;) yield ++given;
  }
  const groups = iterableInput(counting()).items();
  await groups.next();
  await groups.next();
  expect(given).toBe(2);
  await groups.return!();
});

test("the place in an async iterable is the line", async () => {
  async function* letters() {
    yield* ["a", "b"];
  }
  expect(await readAll(iterableInput(letters()))).toEqual([
    { line: 1, value: "a" },
    { line: 2, value: "b" },
  ]);
});

test("what is no input is refused at the call", () => {
  const options = { template: { url: "http://localhost/" }, output: "never.jsonl" };
  expect(() => batch("data.txt", options)).toThrow(
    "Cannot read data.txt: expected a name that ends in .jsonl, .ndjson, .csv or .tsv; or use jsonlInput() or csvInput()",
  );
  expect(() => batch(5 as never, options)).toThrow(TypeError);
});
