import { csvInput } from "@tsyncio/batch";
import { expect, test } from "vitest";
import { inPieces, readAll } from "./read-all.ts";

const of = (text: string, options = {}) => csvInput(inPieces(Buffer.from(text), 5), options);

test("gives an object for each record, with the line on which it begins", async () => {
  const text = '\uFEFFid,name\n1,"two\nlines"\n\n2,"a ""quote"", and a comma"\n3,\n';
  expect(await readAll(of(text))).toEqual([
    { line: 2, value: { id: "1", name: "two\nlines" } },
    { line: 5, value: { id: "2", name: 'a "quote", and a comma' } },
    { line: 6, value: { id: "3", name: "" } },
  ]);
});

test("tells which record is broken, and goes on", async () => {
  const items = await readAll(of('id,name\n1,a\n2,b,c\n3,d\n4\n5,f\n6,"g\n7,h\n'));
  expect(items.filter(({ value }) => value !== undefined)).toEqual([
    { line: 2, value: { id: "1", name: "a" } },
    { line: 4, value: { id: "3", name: "d" } },
    { line: 6, value: { id: "5", name: "f" } },
  ]);
  expect(items.filter(({ fault }) => fault !== undefined)).toEqual([
    { line: 3, fault: expect.stringMatching(/^Cannot read line 3: Invalid Record Length/) },
    { line: 5, fault: expect.stringMatching(/^Cannot read line 5: Invalid Record Length/) },
    { line: 8, fault: expect.stringMatching(/^Cannot read line 8: Quote Not Closed/) },
  ]);
});

test("takes a quote that stands wrongly as a part of its field, and loses nothing behind it", async () => {
  const items = await readAll(of('id,name\n1,"a"x\n2,b"c\n3,d\n'));
  expect(items.map(({ value }) => value)).toEqual([
    { id: "1", name: '"a"x' },
    { id: "2", name: 'b"c' },
    { id: "3", name: "d" },
  ]);
});

test("takes other delimiters, and names for a file that has none", async () => {
  expect(await readAll(of("1\tx\n2\ty\n", { delimiter: "\t", columns: ["id", "letter"] }))).toEqual([
    { line: 1, value: { id: "1", letter: "x" } },
    { line: 2, value: { id: "2", letter: "y" } },
  ]);
});

test("passes on an error of its source", async () => {
  // oxlint-disable-next-line require-yield
  async function* failing(): AsyncGenerator<Uint8Array> {
    throw new Error("the disk is gone");
  }
  await expect(readAll(csvInput(failing()))).rejects.toThrow("the disk is gone");
});
