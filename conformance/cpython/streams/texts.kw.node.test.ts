import { inspect } from "node:util";
import { RuntimeError, createTask, sleep } from "tsyncio";
import { ReadTransport, StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { bytes } from "./fed-reader.ts";

/** A test's program that only looks at a new reader. */
const withReader = (look: (reader: StreamReader) => void, limit = 65_536) =>
  program(() => {
    look(new StreamReader({ limit }));
    return Promise.resolve();
  });

test("test_streams.py::StreamTests.test___repr__: a reader is shown as what it is", () =>
  withReader((reader) => {
    expect(String(reader)).toBe("<StreamReader>");
    expect(inspect({ reader })).toBe("{ reader: <StreamReader> }");
  }));

test("test_streams.py::StreamTests.test___repr__nondefault_limit: a limit of its own is shown", () =>
  withReader((reader) => expect(String(reader)).toBe("<StreamReader limit=123>"), 123));

test("test_streams.py::StreamTests.test___repr__eof: it is shown that the end was fed", () =>
  withReader((reader) => {
    reader.feedEof();
    expect(String(reader)).toBe("<StreamReader eof>");
  }));

test("test_streams.py::StreamTests.test___repr__data: it is shown how many bytes are there", () =>
  withReader((reader) => {
    reader.feedData(bytes("data"));
    expect(String(reader)).toBe("<StreamReader 4 bytes>");
  }));

test("test_streams.py::StreamTests.test___repr__exception: it is shown what broke the stream", () =>
  withReader((reader) => {
    reader.setException(new RuntimeError("broken"));
    expect(String(reader)).toBe("<StreamReader exception=RuntimeError: broken>");
  }));

test("test_streams.py::StreamTests.test___repr__waiter: it is shown that a task waits, and not any longer when it has what it waited for", () =>
  program(async () => {
    const reader = new StreamReader();
    const reading = createTask(reader.read(4));
    await sleep(0);
    expect(String(reader)).toMatch(/^<StreamReader waiter=<Future pending.*>>$/);
    reader.feedData(bytes("data"));
    await reading;
    expect(String(reader)).toBe("<StreamReader>");
  }));

test("test_streams.py::StreamTests.test___repr__transport: the transport is shown, and that it is paused", () =>
  withReader((reader) => {
    class Pipe extends ReadTransport {
      override pauseReading(): void {}
      override toString(): string {
        return "<Pipe>";
      }
    }
    reader.setTransport(new Pipe());
    expect(String(reader)).toBe("<StreamReader limit=3 transport=<Pipe>>");
    reader.feedData(bytes("much"));
    expect(String(reader)).toBe("<StreamReader 4 bytes limit=3 transport=<Pipe> paused>");
  }, 3));
