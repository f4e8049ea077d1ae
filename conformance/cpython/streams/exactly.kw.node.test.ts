import { createTask } from "tsyncio";
import { IncompleteReadError, StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { bytes, fed, feed, held, rest } from "./fed-reader.ts";

const DATA = "line1\nline2\nline3\n";

test("test_streams.py::StreamTests.test_readexactly_zero_or_less: exactly no bytes are none, and less than none is refused", () =>
  program(async () => {
    const reader = fed([DATA]);
    expect(await reader.readexactly(0)).toEqual(bytes(""));
    expect(() => reader.readexactly(-1)).toThrow(new RangeError("Cannot readexactly(): n must be >= 0, received -1"));
    expect(await rest(reader)).toBe(DATA);
  }));

test("test_streams.py::StreamTests.test_readexactly: a read of an exact number waits until so many have come, and leaves the rest", () =>
  program(async ({ loop }) => {
    const reader = new StreamReader();
    const reading = createTask(reader.readexactly(2 * DATA.length));
    loop.callSoon(feed, reader, DATA, DATA, DATA);
    expect(await reading).toEqual(bytes(DATA + DATA));
    expect(await rest(reader)).toBe(DATA);
  }));

test("test_streams.py::StreamTests.test_readexactly_limit: a read of an exact number may be of more than the limit", () =>
  program(async () => {
    const reader = fed(["chunk"], { limit: 3 });
    expect(await reader.readexactly(5)).toEqual(bytes("chunk"));
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_readexactly_eof: when the stream ends before, the error has what there was and what was wanted, and it is read", () =>
  program(async ({ loop }) => {
    const reader = new StreamReader();
    const reading = createTask(reader.readexactly(36));
    loop.callSoon(() => {
      feed(reader, DATA);
      reader.feedEof();
    });
    const error = (await thrownBy(reading)) as IncompleteReadError;
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect([error.partial, error.expected]).toEqual([bytes(DATA), 36]);
    expect(error.message).toBe("Cannot read exactly 36 bytes: the stream ended after 18; they are in error.partial");
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_readexactly_exception: what broke the stream is thrown, although enough bytes are there", () =>
  program(async () => {
    const reader = fed(["line\n"]);
    expect(await reader.readexactly(2)).toEqual(bytes("li"));
    const broken = new RangeError("broken");
    reader.setException(broken);
    expect(await thrownBy(reader.readexactly(2))).toBe(broken);
  }));
