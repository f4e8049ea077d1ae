import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchError, jsonlInput } from "@tsyncio/batch";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { inPieces, readAll } from "./read-all.ts";

const folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An input of one text, in pieces of seven bytes. */
function of(text: string | Uint8Array) {
  return jsonlInput(inPieces(Buffer.from(text as string), 7));
}

test("gives the values with their lines, and leaves out empty lines", async () => {
  expect(await readAll(of('{"a":1}\n\n  \t\n"text"\n3\n'))).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 4, value: "text" },
    { line: 5, value: 3 },
  ]);
});

test("reads a last line without its line feed, carriage returns, and a byte order mark", async () => {
  expect(await readAll(of('\uFEFF{"a":1}\r\n\r\n{"b":2}'))).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 3, value: { b: 2 } },
  ]);
});

test("tells which line is no JSON or not UTF-8, and goes on", async () => {
  const items = await readAll(
    of(Buffer.concat([Buffer.from('1\n{"a":\n"'), Buffer.from([0xff]), Buffer.from('"\n4\n')])),
  );
  expect(items).toEqual([
    { line: 1, value: 1 },
    { line: 2, fault: expect.stringMatching(/^Cannot read line 2: it is no JSON, /) },
    { line: 3, fault: "Cannot read line 3: it is not UTF-8" },
    { line: 4, value: 4 },
  ]);
});

test("reads the same however the bytes come", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.jsonValue(), fc.constant(undefined)), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (values, size, ended) => {
        const lines = values.map((value) => (value === undefined ? "" : JSON.stringify(value)));
        const bytes = Buffer.from(lines.join("\n") + (ended ? "\n" : ""));
        const expected = lines.flatMap((text, i) => (text === "" ? [] : [{ line: i + 1, value: JSON.parse(text) }]));
        expect(await readAll(jsonlInput(inPieces(bytes, size)))).toEqual(expected);
      },
    ),
  ));

test("knows the size of a file, and how much of it each item ends at", async () => {
  const path = join(folder, "sized.jsonl");
  writeFileSync(path, '{"a":1}\n{"b":2}\n3');
  const input = jsonlInput(path);
  const { value: items } = await input.items().next();
  const ends = (items as readonly { readonly end: number }[]).map(({ end }) => end);
  expect([input.name, input.size, ends]).toEqual([path, 17, [8, 16]]);
});

test("refuses a file that is not there, a folder, and what has no bytes, at the call", () => {
  expect(() => jsonlInput("nowhere.jsonl")).toThrow(new BatchError("Cannot read nowhere.jsonl: no such file"));
  expect(() => jsonlInput(folder)).toThrow(`Cannot read ${folder}: it is a folder; name a file`);
  expect(() => jsonlInput(7 as never)).toThrow(
    new TypeError("Cannot read 7: expected a path, a URL or an async iterable of bytes"),
  );
});

test("closes its source when it is left early", async () => {
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.from("1\n");
    } finally {
      closed = true;
    }
  }
  const groups = jsonlInput(endless()).items();
  await groups.next();
  await groups.return!();
  expect(closed).toBe(true);
});
