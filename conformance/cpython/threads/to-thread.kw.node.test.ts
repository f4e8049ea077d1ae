import { remote, toThread } from "@tsyncio/node";
import { ContextVar, RuntimeError, gather } from "tsyncio";
import { isMainThread, threadId } from "node:worker_threads";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { errorOf } from "../../program.ts";

/** Calls that were counted, where every thread sees them. */
function counted(calls: Int32Array): void {
  Atomics.add(calls, 0, 1);
}

const counter = () => new Int32Array(new SharedArrayBuffer(4));

test("test_threads.py::ToThreadTests.test_to_thread: toThread() gives what the function returns on its thread", () =>
  nodeProgram(async () => {
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
    expect(await toThread(sum, [40, 2])).toBe(42);
    const where = () => {
      const { isMainThread, threadId } = process.getBuiltinModule("node:worker_threads");
      return { isMainThread, threadId };
    };
    const there = await toThread(where);
    expect([isMainThread, there.isMainThread]).toEqual([true, false]);
    expect(there.threadId).not.toBe(threadId);
  }));

test("test_threads.py::ToThreadTests.test_to_thread_exception: toThread() throws what the function throws, as the class that it is", () =>
  nodeProgram(async () => {
    const fails = () => {
      class TsyncioError extends Error {}
      class RuntimeError extends TsyncioError {}
      throw new RuntimeError("test");
    };
    const error = await errorOf(toThread(fails));
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toBe("test");
    const plain = await errorOf(
      toThread(() => {
        throw new RangeError("test");
      }),
    );
    expect(plain).toEqual(new RangeError("test"));
  }));

test("test_threads.py::ToThreadTests.test_to_thread_once: toThread() calls the function once", () =>
  nodeProgram(async () => {
    const calls = counter();
    await toThread(counted, calls);
    expect(calls[0]).toBe(1);
  }));

test("test_threads.py::ToThreadTests.test_to_thread_concurrent: several toThread() at once are each called once", () =>
  nodeProgram(async () => {
    const calls = counter();
    await gather(Array.from({ length: 10 }, () => toThread(counted, calls)));
    expect(calls[0]).toBe(10);
  }));

test("test_threads.py::ToThreadTests.test_to_thread_args_kwargs: toThread() hands on all arguments, an object of options among them", () =>
  nodeProgram(async () => {
    const received = (...args: unknown[]) => args;
    expect(await toThread(received, "test", { something: true })).toEqual(["test", { something: true }]);
    expect(await toThread(received)).toEqual([]);
  }));

test("test_threads.py::ToThreadTests.test_to_thread_contextvars: a function of toThread() runs in a copy of the context, by the names of its variables", () =>
  nodeProgram(async () => {
    const words = new ContextVar<string>("words of a test");
    words.set("parrot");
    const there = remote<typeof import("./words.ts")>(new URL("words.ts", import.meta.url));
    expect(await toThread(there.speak)).toBe("parrot");
    expect(await toThread(there.learn, "fish")).toBe("fish");
    expect(await toThread(there.speak)).toBe("parrot");
    expect(words.get()).toBe("parrot");
  }));
