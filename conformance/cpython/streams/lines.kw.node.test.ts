import { createTask } from "tsyncio";
import { LimitOverrunError, StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { bytes, fed, feed, held, rest } from "./fed-reader.ts";

const tooLong = (limit: number) =>
  new RangeError(`Cannot read a line: it is longer than the limit of ${limit} bytes; it was dropped`);

test("test_streams.py::StreamTests.test_readline: a line that comes in pieces is waited for, and what comes after it stays", () =>
  program(async ({ loop }) => {
    const reader = fed(["chunk1 "]);
    const reading = createTask(reader.readline());
    loop.callSoon(feed, reader, "chunk2 ", "chunk3 ", "\n chunk4");
    expect(await reading).toEqual(bytes("chunk1 chunk2 chunk3 \n"));
    expect(await rest(reader)).toBe(" chunk4");
  }));

test("test_streams.py::StreamTests.test_readline_limit_with_existing_data: a line that is there and longer than the limit is refused and dropped: whole if its end has come, else all that has come", () =>
  program(async () => {
    const ended = fed(["li", "ne1\nline2\n"], { limit: 3 });
    const error = (await thrownBy(ended.readline())) as RangeError;
    expect(error).toEqual(tooLong(3));
    expect(error.cause).toBeInstanceOf(LimitOverrunError);
    expect(await rest(ended)).toBe("line2\n");

    const open = fed(["li", "ne1", "li"], { limit: 3 });
    expect(await thrownBy(open.readline())).toEqual(tooLong(3));
    expect(await rest(open)).toBe("");
  }));

test("test_streams.py::StreamTests.test_readline_limit: a line that grows over the limit while it is waited for is refused, one that just fits is given", () =>
  program(async ({ loop }) => {
    const only = new StreamReader({ limit: 7 });
    loop.callSoon(() => {
      feed(only, "chunk1", "chunk2", "chunk3\n");
      only.feedEof();
    });
    expect(await thrownBy(only.readline())).toEqual(tooLong(7));
    expect(await only.read()).toEqual(bytes(""));

    const followed = new StreamReader({ limit: 7 });
    loop.callSoon(() => {
      feed(followed, "chunk1", "chunk2\n", "chunk3\n");
      followed.feedEof();
    });
    expect(await thrownBy(followed.readline())).toEqual(tooLong(7));
    expect(await followed.read()).toEqual(bytes("chunk3\n"));

    const strict = fed(["1234567\n"], { limit: 7 });
    expect(await strict.readline()).toEqual(bytes("1234567\n"));
    for (const text of ["12345678\n", "12345678"]) {
      feed(strict, text);
      expect(await thrownBy(strict.readline())).toEqual(tooLong(7));
      expect(held(strict)).toBe(0);
    }
  }));

test("test_streams.py::StreamTests.test_readline_nolimit_nowait: a line that is there is given without waiting", () =>
  program(async ({ loop }) => {
    const reader = fed(["line1\n", "line2\nline3\n"]);
    const { iterations } = loop.statistics();
    expect(await reader.readline()).toEqual(bytes("line1\n"));
    expect(loop.statistics().iterations).toBe(iterations);
    expect(await rest(reader)).toBe("line2\nline3\n");
  }));

test("test_streams.py::StreamTests.test_readline_eof: a last line without a newline is given as it is", () =>
  program(async () => {
    const reader = fed(["some data"]);
    reader.feedEof();
    expect(await reader.readline()).toEqual(bytes("some data"));
    expect(await reader.readline()).toEqual(bytes(""));
  }));

test("test_streams.py::StreamTests.test_readline_empty_eof: at the end of the stream a line is empty", () =>
  program(async () => {
    const reader = new StreamReader();
    reader.feedEof();
    expect(await reader.readline()).toEqual(bytes(""));
  }));

test("test_streams.py::StreamTests.test_readline_read_byte_count: after a line, a read goes on where it ended", () =>
  program(async () => {
    const reader = fed(["line1\nline2\nline3\n"]);
    await reader.readline();
    expect(await reader.read(7)).toEqual(bytes("line2\nl"));
    expect(await rest(reader)).toBe("ine3\n");
  }));

test("test_streams.py::StreamTests.test_readline_exception: what broke the stream is thrown when a line is asked for", () =>
  program(async () => {
    const reader = fed(["line\n"]);
    expect(await reader.readline()).toEqual(bytes("line\n"));
    const broken = new RangeError("broken");
    reader.setException(broken);
    expect(await thrownBy(reader.readline())).toBe(broken);
    expect(held(reader)).toBe(0);
  }));

test("test_pep492.py::StreamReaderTests.test_readline: for await gives the lines, the last one without its newline, until the stream ends", () =>
  program(async ({ log, loop }) => {
    const reader = fed(["line1\nli"]);
    loop.callLater(10, () => {
      feed(reader, "ne2\nline3");
      reader.feedEof();
    });
    for await (const line of reader) log.push(String(line));
    expect(log).toEqual(["line1\n", "line2\n", "line3"]);
  }));
