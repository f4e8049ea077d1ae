import { CancelledError, Future, InvalidStateError, RuntimeError, createTask, ensureFuture, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf, program } from "../../program.ts";

function expectNoMoreOutcome(future: Future<number>, text: string): void {
  expect(() => future.setResult(1)).toThrow(new InvalidStateError(`Cannot set result: ${text} is done already`));
  expect(() => future.setException(new Error("late"))).toThrow(
    new InvalidStateError(`Cannot set exception: ${text} is done already`),
  );
  expect(future.cancel()).toBe(false);
}

test("test_futures.py::BaseFutureTests.test_cancel: a cancelled future is done, throws CancelledError for its result and its error, and takes no other outcome", () =>
  program(async () => {
    const future = new Future<number>();
    expect(future.cancel()).toBe(true);
    expect([future.cancelled(), future.done()]).toEqual([true, true]);
    expect(() => future.result()).toThrow(CancelledError);
    expect(() => future.exception()).toThrow(CancelledError);
    expectNoMoreOutcome(future, "<Future cancelled>");
  }));

test("test_futures.py::BaseFutureTests.test_result: a future has no result before setResult(), and keeps that one for good", () =>
  program(async () => {
    const future = new Future<number>();
    expect(() => future.result()).toThrow(new InvalidStateError("Cannot get the result: it is not set"));
    future.setResult(42);
    expect([future.cancelled(), future.done(), future.result(), future.exception()]).toEqual([false, true, 42, null]);
    expectNoMoreOutcome(future, "<Future finished result=42>");
    expect(future.result()).toBe(42);
  }));

test("test_futures.py::BaseFutureTests.test_exception: a future has no error before setException(), then result() throws it and exception() gives it", () =>
  program(async () => {
    const error = new RangeError("too much");
    const future = new Future<number>();
    expect(() => future.exception()).toThrow(new InvalidStateError("Cannot get the exception: it is not set"));
    future.setException(error);
    expect([future.cancelled(), future.done()]).toEqual([false, true]);
    expect(() => future.result()).toThrow(error);
    expect(future.exception()).toBe(error);
    expectNoMoreOutcome(future, "<Future finished exception=RangeError: too much>");
    expect(future.exception()).toBe(error);
  }));

test("test_futures.py::BaseFutureTests.test_exception_class: setException() makes an error of an error class", () =>
  program(async () => {
    const future = new Future<number>();
    future.setException(RuntimeError);
    expect(future.exception()).toBeInstanceOf(RuntimeError);
    expect(future.exception().message).toBe("");
  }));

test("test_futures.py::BaseFutureTests.test_future_cancel_message_getter: who awaits a cancelled future reads in the error what cancel() was given", () =>
  program(async () => {
    const [plain, told] = [new Future(), new Future()];
    plain.cancel();
    told.cancel("my message");
    expect(await errorOf(plain)).toEqual(new CancelledError());
    expect(await errorOf(told)).toEqual(new CancelledError("my message"));
    expect(() => told.result()).toThrow(new CancelledError("my message"));
  }));

test("test_futures.py::BaseFutureTests.test_future_cancel_message_setter: the message of a cancelled future stays the first one, whatever a later cancel() says", () =>
  program(async () => {
    const future = new Future();
    future.cancel("my message");
    expect(future.cancel("my new message")).toBe(false);
    expect(await errorOf(future)).toEqual(new CancelledError("my message"));
    expect(() => future.exception()).toThrow(new CancelledError("my message"));
  }));

test("test_futures.py::BaseFutureTests.test_copy_state: a future that follows another through a promise gets its value, its very error, or its cancellation", () =>
  program(async () => {
    const error = new InvalidStateError("of somebody else");
    const originals = [new Future<number>(), new Future<number>(), new Future<number>()];
    const copies = originals.map((original) => ensureFuture(original.then()));
    originals[0].setResult(10);
    originals[1].setException(error);
    originals[2].cancel("why");
    expect(await copies[0]).toBe(10);
    expect(await errorOf(copies[1])).toBe(error);
    expect(copies[1].exception()).toBe(error);
    expect(await errorOf(copies[2])).toEqual(new CancelledError("why"));
    expect(copies.map((copy) => copy.cancelled())).toEqual([false, false, true]);
  }));

test("test_futures.py::BaseFutureTests.test_set_result_unless_cancelled: a wait whose time comes in the iteration in which it is cancelled stays cancelled, and nothing is reported", () =>
  program(async ({ loop, log }) => {
    loop.callLater(10, () => log.push(task.cancel()));
    const task = createTask(sleep(10, "slept"));
    await sleep(20);
    expect(log).toEqual([true]);
    expect(task.cancelled()).toBe(true);
  }));
