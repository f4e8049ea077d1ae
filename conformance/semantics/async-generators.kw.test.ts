import { CancelledError, createTask, sleep } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { type Given, program, takeHeard } from "../program.ts";

afterEach(() => void vi.restoreAllMocks());

test("shutdownAsyncgens() closes all generators side by side", () =>
  program(async ({ loop, log }) => {
    const slowToClose = async function* (delay: number) {
      try {
        yield delay;
      } finally {
        await sleep(delay);
        log.push(delay);
      }
    };
    const generators = [30, 10, 20].map((delay) => slowToClose(delay));
    for (const generator of generators) await generator.next();
    const begin = loop.time();
    await loop.shutdownAsyncgens();
    expect([log, loop.time() - begin]).toEqual([[10, 20, 30], 30]);
  }));

test("shutdownAsyncgens() reports the errors of closing, but no cancellation", () =>
  program(async (given: Given) => {
    const failing = async function* (error: Error) {
      const fail = (): never => {
        throw error;
      };
      try {
        yield 1;
      } finally {
        fail();
      }
    };
    const generators = [new CancelledError("passes"), new RangeError("is reported")].map((error) => failing(error));
    for (const generator of generators) await generator.next();
    await given.loop.shutdownAsyncgens();
    expect(takeHeard(given)).toEqual([
      "an error occurred during closing of asynchronous generator <AsyncGenerator failing>: RangeError: is reported",
    ]);
  }));

test("after shutdownAsyncgens() the loop goes on, and what is iterated then is closed by the next one", () =>
  program(async ({ loop, log }) => {
    vi.spyOn(console, "warn").mockImplementation((text) => void log.push(text));
    const late = async function* () {
      try {
        yield 1;
      } finally {
        log.push("closed");
      }
    };
    await loop.shutdownAsyncgens();
    expect(await createTask(sleep(1, "goes on"))).toBe("goes on");
    const generator = late();
    await generator.next();
    await loop.shutdownAsyncgens();
    expect(log).toEqual([
      "tsyncio: asynchronous generator <AsyncGenerator late> was scheduled after loop.shutdownAsyncgens() call",
      "closed",
    ]);
    expect(await generator.next()).toEqual({ done: true, value: undefined });
  }));
