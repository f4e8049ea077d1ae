import { createTask } from "tsyncio";
import { StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { bytes, fed, feed, held, rest } from "./fed-reader.ts";

test("test_streams.py::StreamTests.test_feed_empty_data: a piece without bytes adds nothing, and wakes nobody", () =>
  program(async ({ loop, log }) => {
    const reader = new StreamReader();
    const reading = createTask(reader.read(10)).then((data) => log.push(String(data)));
    loop.callSoon(feed, reader, "");
    loop.callLater(10, () => log.push(`still waiting with ${held(reader)} bytes`));
    loop.callLater(20, feed, reader, "data");
    await reading;
    expect(log).toEqual(["still waiting with 0 bytes", "data"]);
  }));

test("test_streams.py::StreamTests.test_feed_nonempty_data: what is fed is held until it is read", () =>
  program(async () => {
    const reader = fed(["line1\nline2\nline3\n"]);
    expect(held(reader)).toBe(18);
    expect(await rest(reader)).toBe("line1\nline2\nline3\n");
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_read_zero: reading no bytes gives none at once, and takes none", () =>
  program(async () => {
    const reader = fed(["line1\n"]);
    expect(await reader.read(0)).toEqual(bytes(""));
    expect(await rest(reader)).toBe("line1\n");
    expect(await new StreamReader().read(0)).toEqual(bytes(""));
  }));

test("test_streams.py::StreamTests.test_read: a read waits for data, and gives what comes although it is less than was asked for", () =>
  program(async ({ loop }) => {
    const reader = new StreamReader();
    const reading = createTask(reader.read(30));
    loop.callSoon(feed, reader, "line1\nline2\nline3\n");
    expect(await reading).toEqual(bytes("line1\nline2\nline3\n"));
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_read_line_breaks: a read takes no more than it asks for, wherever the pieces end", () =>
  program(async () => {
    const reader = fed(["line1", "line2"]);
    expect(await reader.read(5)).toEqual(bytes("line1"));
    expect(await rest(reader)).toBe("line2");

    const across = fed(["line1", "line2"]);
    expect(await across.read(7)).toEqual(bytes("line1li"));
    expect(await rest(across)).toBe("ne2");
  }));

test("test_streams.py::StreamTests.test_read_eof: a read that waits is given nothing when the stream ends", () =>
  program(async ({ loop }) => {
    const reader = new StreamReader();
    const reading = createTask(reader.read(1024));
    loop.callSoon(() => reader.feedEof());
    expect(await reading).toEqual(bytes(""));
    expect(await reader.read(1024)).toEqual(bytes(""));
  }));

test("test_streams.py::StreamTests.test_read_until_eof: a read without a number, or below 0, gives everything up to the end", () =>
  program(async ({ loop }) => {
    for (const n of [undefined, -1, -30]) {
      const reader = new StreamReader();
      const reading = createTask(reader.read(n));
      loop.callSoon(() => {
        feed(reader, "chunk1\n", "chunk2");
        reader.feedEof();
      });
      expect(await reading).toEqual(bytes("chunk1\nchunk2"));
      expect(held(reader)).toBe(0);
    }
  }));

test("test_streams.py::StreamTests.test_read_limit: a read may give more than the limit", () =>
  program(async () => {
    const reader = fed(["chunk"], { limit: 3 });
    expect(await reader.read(5)).toEqual(bytes("chunk"));
    expect(held(reader)).toBe(0);
  }));

test("test_streams.py::StreamTests.test_read_exception: what broke the stream is thrown by the next read, before the bytes that are left", () =>
  program(async () => {
    const reader = fed(["line\n"]);
    expect(await reader.read(2)).toEqual(bytes("li"));
    const broken = new RangeError("broken");
    reader.setException(broken);
    expect(await thrownBy(reader.read(2))).toBe(broken);
    expect(await thrownBy(reader.read(0))).toBe(broken);
    expect(await thrownBy(reader.read())).toBe(broken);
    expect(held(reader)).toBe(3);
  }));

test("test_streams.py::StreamTests.test_invalid_limit: a limit must be above 0", () =>
  program(() => {
    for (const limit of [0, -1, Number.NaN])
      expect(() => new StreamReader({ limit })).toThrow(
        new RangeError(`Cannot create StreamReader: limit must be > 0, received ${limit}`),
      );
    return Promise.resolve();
  }));

test("test_streams.py::StreamTests.test_at_eof: a stream is at its end when the end was fed and everything is read", () =>
  program(async ({ log }) => {
    const reader = new StreamReader();
    log.push(reader.atEof());
    feed(reader, "some data\n");
    log.push(reader.atEof());
    await reader.readline();
    log.push(reader.atEof());
    feed(reader, "some data\n");
    reader.feedEof();
    log.push(reader.atEof());
    await reader.readline();
    log.push(reader.atEof());
    expect(log).toEqual([false, false, false, false, true]);
  }));
