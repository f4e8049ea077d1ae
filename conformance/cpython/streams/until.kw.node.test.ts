import { createTask } from "tsyncio";
import { IncompleteReadError, LimitOverrunError, StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { bytes, fed, feed, held, rest } from "./fed-reader.ts";

test("test_streams.py::StreamTests.test_readuntil_separator: a separator has at least one byte, and there is at least one", () =>
  program(() => {
    const reader = new StreamReader();
    const empty = new RangeError("Cannot readuntil(): a separator must have at least one byte");
    for (const separator of ["", bytes(""), [""], ["x", bytes("")]])
      expect(() => reader.readuntil(separator)).toThrow(empty);
    expect(() => reader.readuntil([])).toThrow(
      new RangeError("Cannot readuntil(): there must be at least one separator"),
    );
    return Promise.resolve();
  }));

test("test_streams.py::StreamTests.test_readuntil_multi_chunks: up to a separator of several bytes, with it, and not further", () =>
  program(async () => {
    const reader = fed(["lineAAA"]);
    expect(await reader.readuntil("AAA")).toEqual(bytes("lineAAA"));
    expect(held(reader)).toBe(0);
    feed(reader, "lineAAA");
    expect(await reader.readuntil(bytes("AAA"))).toEqual(bytes("lineAAA"));
    expect(held(reader)).toBe(0);
    feed(reader, "lineAAAxxx");
    expect(await reader.readuntil("AAA")).toEqual(bytes("lineAAA"));
    expect(await rest(reader)).toBe("xxx");
  }));

test("test_streams.py::StreamTests.test_readuntil_multi_chunks_1: a separator is found across pieces, after bytes that look like its beginning", () =>
  program(async () => {
    const reader = new StreamReader();
    for (const [pieces, expected] of [
      [["QWEaa", "XYaa", "a"], "QWEaaXYaaa"],
      [["QWEaa", "XYa", "aa"], "QWEaaXYaaa"],
      [["aaa"], "aaa"],
      [["Xaaa"], "Xaaa"],
      [["XXX", "a", "a", "a"], "XXXaaa"],
    ] as const) {
      feed(reader, ...pieces);
      expect(await reader.readuntil("aaa")).toEqual(bytes(expected));
      expect(held(reader)).toBe(0);
    }
  }));

test("test_streams.py::StreamTests.test_readuntil_eof: when the stream ends before the separator, the error has what there was, and it is read", () =>
  program(async () => {
    const reader = fed(["some dataAA"]);
    reader.feedEof();
    const error = (await thrownBy(reader.readuntil("AAA"))) as IncompleteReadError;
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect(error.message).toBe('Cannot read until "AAA": the stream ended after 11 bytes; they are in error.partial');
    expect([error.partial, error.expected]).toEqual([bytes("some dataAA"), null]);
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_readuntil_limit_found_sep: a separator that comes too late, or may still come, is an error, and nothing is read", () =>
  program(async () => {
    const reader = fed(["some dataAA"], { limit: 3 });
    const early = (await thrownBy(reader.readuntil("AAA"))) as LimitOverrunError;
    expect(early).toBeInstanceOf(LimitOverrunError);
    expect(early.message).toMatch(/^Cannot read until "AAA": it does not come within 9 bytes, and the limit is 3; /);
    expect([early.consumed, held(reader)]).toEqual([9, 11]);

    feed(reader, "A");
    const late = (await thrownBy(reader.readuntil("AAA"))) as LimitOverrunError;
    expect(late).toBeInstanceOf(LimitOverrunError);
    expect(late.message).toMatch(/^Cannot read until "AAA": it comes after 9 bytes, and the limit is 3; /);
    expect(late.consumed).toBe(9);
    expect(await rest(reader)).toBe("some dataAAA");
  }));

test("test_streams.py::StreamTests.test_readuntil_multi_separator: of several separators the one counts that ends first, even if another begins before it", () =>
  program(async () => {
    const reader = fed(["line 1\nline 2\r"]);
    expect(await reader.readuntil(["\r", "\n"])).toEqual(bytes("line 1\n"));
    expect(await reader.readuntil(["\r", "\n"])).toEqual(bytes("line 2\r"));
    expect(held(reader)).toBe(0);

    feed(reader, "ABCDEFG");
    expect(await reader.readuntil([bytes("DEF"), bytes("BCDE")])).toEqual(bytes("ABCDE"));
    expect(await rest(reader)).toBe("FG");
  }));

test("test_streams.py::StreamTests.test_readuntil_multi_separator_limit: of separators that end together the shortest counts for the limit", () =>
  program(async () => {
    for (const separators of [
      ["A", "ome dataA"],
      ["ome dataA", "A"],
    ]) {
      const reader = fed(["some dataA"], { limit: 3 });
      const error = (await thrownBy(reader.readuntil(separators))) as LimitOverrunError;
      expect(error).toBeInstanceOf(LimitOverrunError);
      expect([error.consumed, await rest(reader)]).toEqual([9, "some dataA"]);
    }
  }));

test("test_streams.py::StreamTests.test_readuntil_multi_separator_negative_offset: a separator longer than what is there does not disturb the search for a short one", () =>
  program(async ({ loop }) => {
    const reader = fed(["data"]);
    const reading = createTask(reader.readuntil(["A", "long sep"]));
    loop.callSoon(feed, reader, "Z");
    loop.callSoon(feed, reader, "Aaaa");
    expect(await reading).toEqual(bytes("dataZA"));
    expect(await rest(reader)).toBe("aaa");
  }));

test("test_streams.py::StreamTests.test_readuntil_bytearray: a separator may be any kind of bytes, or text", () =>
  program(async () => {
    for (const separator of [new Uint8Array([13, 10]), bytes("\r\n"), "\r\n"]) {
      const reader = fed(["some data\r\n"]);
      expect(await reader.readuntil(separator)).toEqual(bytes("some data\r\n"));
      expect(held(reader)).toBe(0);
    }
    expect(() => fed([]).readuntil([3 as never])).toThrow(
      new TypeError("Cannot readuntil(): a separator must be bytes or text, received 3"),
    );
  }));
