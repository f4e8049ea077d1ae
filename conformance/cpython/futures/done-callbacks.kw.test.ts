import { Future, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

/** Callbacks that note their numbers. */
function noting<const N extends readonly number[]>(log: unknown[], ...numbers: N): (() => void)[] {
  return numbers.map((number) => () => void log.push(number));
}

test("test_futures.py::BaseFutureDoneCallbackTests.test_callbacks_remove_first_callback: the first of three callbacks is removed, a second time without effect, and the others are called in order", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    const callbacks = noting(log, 42, 17, 100);
    callbacks.forEach((callback) => future.addDoneCallback(callback));
    expect([future.removeDoneCallback(callbacks[0]), future.removeDoneCallback(callbacks[0])]).toEqual([1, 0]);
    expect(log).toEqual([]);
    future.setResult("foo");
    await sleep(0);
    expect(log).toEqual([17, 100]);
    expect(future.result()).toBe("foo");
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_callbacks_remove_first_and_second_callback: the first two of three callbacks are removed, and the last one is called", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    const callbacks = noting(log, 42, 17, 100);
    callbacks.forEach((callback) => future.addDoneCallback(callback));
    expect([0, 1, 0].map((i) => future.removeDoneCallback(callbacks[i]))).toEqual([1, 1, 0]);
    expect(log).toEqual([]);
    future.setResult("foo");
    await sleep(0);
    expect(log).toEqual([100]);
    expect(future.result()).toBe("foo");
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_callbacks_remove_third_callback: the last of three callbacks is removed, and the others are called in order", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    const callbacks = noting(log, 42, 17, 100);
    callbacks.forEach((callback) => future.addDoneCallback(callback));
    expect([future.removeDoneCallback(callbacks[2]), future.removeDoneCallback(callbacks[2])]).toEqual([1, 0]);
    expect(log).toEqual([]);
    future.setResult("foo");
    await sleep(0);
    expect(log).toEqual([42, 17]);
    expect(future.result()).toBe("foo");
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_callbacks_invoked_on_set_result: setResult() calls nobody itself; the callbacks are called in the next iteration, in order", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    noting(log, 42, 17).forEach((callback) => future.addDoneCallback(callback));
    future.setResult("foo");
    expect(log).toEqual([]);
    await sleep(0);
    expect(log).toEqual([42, 17]);
    expect(future.result()).toBe("foo");
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_callbacks_invoked_on_set_exception: setException() has the callbacks called in the next iteration, with the future", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    future.addDoneCallback((done) => log.push(done === future));
    const error = new Error("boom");
    future.setException(error);
    expect(log).toEqual([]);
    await sleep(0);
    expect(log).toEqual([true]);
    expect(future.exception()).toBe(error);
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_remove_done_callback: removeDoneCallback() removes a function as often as it was added, and says how often that was", () =>
  program(async ({ log }) => {
    const future = new Future<string>();
    const [one, two, three] = noting(log, 1, 2, 3);
    future.addDoneCallback(one);
    future.addDoneCallback(two);
    expect([two, three].map((callback) => future.removeDoneCallback(callback))).toEqual([1, 0]);
    future.addDoneCallback(two);
    for (let i = 0; i < 5; i++) future.addDoneCallback(one);
    expect(future.removeDoneCallback(one)).toBe(6);
    future.setResult("foo");
    await sleep(0);
    expect(log).toEqual([2]);
    expect(future.result()).toBe("foo");
  }));

test("test_futures.py::BaseFutureDoneCallbackTests.test_schedule_callbacks_list_mutation_1: a callback that removes those behind it comes too late, since all of them are on their way", () =>
  program(async ({ log }) => {
    const future = new Future<number>();
    const [note] = noting(log, 7);
    future.addDoneCallback(() => void log.push(future.removeDoneCallback(note)));
    future.addDoneCallback(note);
    future.addDoneCallback(note);
    future.setResult(1);
    await sleep(0);
    expect(log).toEqual([0, 7, 7]);
  }));
