import { CancelledError, createTask, sleep, wait } from "tsyncio";
import { StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_streams.py::StreamTests.test_exception: exception() gives what broke the stream, and null before", () =>
  program(() => {
    const reader = new StreamReader();
    expect(reader.exception()).toBe(null);
    const broken = new RangeError("broken");
    reader.setException(broken);
    expect(reader.exception()).toBe(broken);
    return Promise.resolve();
  }));

test("test_streams.py::StreamTests.test_exception_waiter: who is waiting when the stream breaks is thrown the error", () =>
  program(async () => {
    for (const read of ["read", "readline", "readuntil"] as const) {
      const reader = new StreamReader();
      const broken = new RangeError("broken");
      const reading = createTask(reader[read]());
      const breaking = createTask((async () => reader.setException(broken))());
      await wait([reading, breaking]);
      expect(reading.exception()).toBe(broken);
    }
  }));

test("test_streams.py::StreamTests.test_exception_cancel: a stream that breaks when its only reader was cancelled is broken for the next one", () =>
  program(async () => {
    const reader = new StreamReader();
    const reading = createTask(reader.readline());
    await sleep(0);
    reading.cancel();
    await sleep(0);
    const broken = new RangeError("broken");
    reader.setException(broken);
    await sleep(0);
    expect(await thrownBy(reading)).toBeInstanceOf(CancelledError);
    expect(String(reader)).toBe("<StreamReader exception=RangeError: broken>");
    expect(await thrownBy(reader.readline())).toBe(broken);
  }));
