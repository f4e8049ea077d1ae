import { CancelledError, Future, type Task, createTask, sleep, wait } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

/** What `cancel()` may be given, and what the error carries then: a message is text, another value is its cause. */
const CASES = [
  { given: [], message: "", cause: undefined },
  { given: [undefined], message: "", cause: undefined },
  { given: ["my message"], message: "my message", cause: undefined },
  { given: [5], message: "5", cause: 5 },
] as const;

/** Cancels a sleeping task, waits for its end and reads it in a task of its own; gives what that one ends with. */
async function errorOfReading(args: readonly [unknown?], read: (task: Task) => unknown): Promise<CancelledError> {
  const reader = createTask(
    (async () => {
      const sleeper = createTask(sleep("10s"));
      await sleep(0);
      sleeper.cancel(...args);
      const [done, pending] = await wait([sleeper]);
      expect([done.has(sleeper), pending.size]).toEqual([true, 0]);
      read(sleeper);
    })(),
  );
  const error = await thrownBy(reader);
  expect([error instanceof CancelledError, reader.cancelled()]).toEqual([true, true]);
  return error as CancelledError;
}

test("test_tasks.py::BaseTaskTests.test_cancel_with_message_then_future_result: result() of a cancelled task throws the error with the message of cancel()", () =>
  eitherStart(async () => {
    for (const { given, message, cause } of CASES) {
      const error = await errorOfReading(given, (task) => task.result());
      expect([error.message, error.cause]).toEqual([message, cause]);
    }
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_with_message_then_future_exception: exception() of a cancelled task throws the error with the message of cancel()", () =>
  eitherStart(async () => {
    for (const { given, message, cause } of CASES) {
      const error = await errorOfReading(given, (task) => task.exception());
      expect([error.message, error.cause]).toEqual([message, cause]);
    }
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_with_message_before_starting_task: a task that is cancelled before it starts never runs, and its error has the message", () =>
  program(async ({ log }) => {
    const job = async () => {
      log.push("ran");
      await sleep("10s");
    };
    const reader = createTask(
      (async () => {
        const task = createTask(job());
        task.cancel("my message");
        await wait([task]);
        task.exception();
      })(),
    );
    const error = (await thrownBy(reader)) as CancelledError;
    expect([error instanceof CancelledError, error.message, error.cause]).toEqual([true, "my message", undefined]);
    expect(log).toEqual([]);
  }));

test("test_tasks.py::BaseTaskTests.test_task_cancel_message_getter: the message of cancel() is that of the error, both thrown inside and read outside", () =>
  eitherStart(async ({ log }) => {
    const job = async () => {
      try {
        await sleep("10s");
      } catch (error) {
        log.push((error as Error).message);
        throw error;
      }
    };
    const task = createTask(job());
    await sleep(0);
    task.cancel("my message");
    expect(((await thrownBy(task)) as Error).message).toBe("my message");
    expect(log).toEqual(["my message"]);
    expect(() => task.result()).toThrow(new CancelledError("my message"));
    expect(() => task.exception()).toThrow(new CancelledError("my message"));
  }));

test("test_tasks.py::BaseTaskTests.test_task_cancel_message_setter: a second cancel() replaces the message of a request that waits for the task's next step", () =>
  program(async () => {
    const task = createTask(sleep(0));
    task.cancel("my message");
    task.cancel("my new message");
    expect(((await thrownBy(task)) as Error).message).toBe("my new message");
  }));

test("test_tasks.py::BaseTaskTests.test_cancellation_exception_context: an error that is thrown because of a cancellation has it as its cause, with its message", () =>
  eitherStart(async ({ loop }) => {
    const begun = new Future<void>();
    const sleeping = async () => {
      begun.setResult();
      await sleep("10s");
    };
    const translating = async () => {
      const inner = createTask(sleeping());
      await begun;
      loop.callSoon((message) => inner.cancel(message), "msg");
      try {
        await inner;
      } catch (error) {
        throw new RangeError("cancelled", { cause: error });
      }
    };
    const task = createTask(translating());
    const error = (await thrownBy(task)) as RangeError & { cause: CancelledError };
    expect([error instanceof RangeError, error.message, task.cancelled()]).toEqual([true, "cancelled", false]);
    expect([error.cause instanceof CancelledError, error.cause.message]).toEqual([true, "msg"]);
    expect(error.cause.cause).toBe(undefined);
  }));
