import {
  CancelledError,
  ExceptionGroup,
  type Timeout,
  TimeoutError,
  createTask,
  currentTask,
  sleep,
  taskGroup,
  timeout,
} from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_timeouts.py::TimeoutTests.test_foreign_exception_passed: an error of the body passes through a timeout that has not expired", () =>
  program(async () => {
    const broken = new RangeError("broken");
    let limit!: Timeout;
    const error = await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        throw broken;
      }),
    );
    expect(error).toBe(broken);
    expect(limit.expired()).toBe(false);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_exception_context: the cause of a TimeoutError is the CancelledError of the body, even of a cleanup, and nothing is behind that", () =>
  program(async ({ log }) => {
    const error = (await thrownBy(
      timeout(10, async () => {
        try {
          throw new RangeError("replaced by what the cleanup throws");
        } finally {
          log.push("cleaning up");
          await sleep(1000);
        }
      }),
    )) as TimeoutError;
    expect(log).toEqual(["cleaning up"]);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.cause).toBeInstanceOf(CancelledError);
    expect((error.cause as Error).cause).toBeUndefined();
  }));

test("test_timeouts.py::TimeoutTests.test_foreign_exception_on_timeout: an error that the body throws when it is cancelled at the deadline is thrown as it is, and the task is not left cancelled", () =>
  program(async () => {
    const broken = new RangeError("broken");
    let limit!: Timeout;
    const error = await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        try {
          await sleep(1000);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
          throw broken;
        }
      }),
    );
    expect(error).toBe(broken);
    expect(broken.cause).toBeUndefined();
    expect([limit.expired(), currentTask()!.cancelling()]).toEqual([true, 0]);
    await sleep(1);
  }));

test("test_timeouts.py::TimeoutTests.test_foreign_exception_on_timeout_2: an error that names the cancellation at the deadline as its cause keeps that cause", () =>
  program(async ({ log }) => {
    const error = await thrownBy(
      timeout(10, async () => {
        try {
          try {
            throw new SyntaxError("replaced by what the cleanup throws");
          } finally {
            await sleep(1000);
          }
        } catch (cancelled) {
          log.push(cancelled);
          throw new RangeError("last", { cause: cancelled });
        }
      }),
    );
    expect(log).toEqual([expect.any(CancelledError)]);
    expect(String(error)).toBe("RangeError: last");
    expect((error as Error).cause).toBe(log[0]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("test_timeouts.py::TimeoutTests.test_foreign_cancel_doesnt_timeout_if_not_expired: a cancellation from elsewhere before the deadline stays a CancelledError", () =>
  program(async ({ loop }) => {
    let limit!: Timeout;
    const task = createTask(
      timeout("10s", async (given) => {
        limit = given;
        currentTask()!.cancel("by somebody else");
        await sleep("10s");
      }),
    );
    const error = (await thrownBy(task)) as Error;
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.message).toBe("by somebody else");
    expect([limit.expired(), task.cancelled(), loop.time()]).toEqual([false, true, 0]);
  }));

/** A task that is cancelled, and runs `cleanup` after that. */
function cancelledTask(cleanup: () => PromiseLike<unknown>) {
  return createTask(
    (async () => {
      currentTask()!.cancel();
      const error = await thrownBy(sleep(1000));
      return [(error as Error).name, ((await cleanup()) as Error).name, currentTask()!.cancelling()];
    })(),
  );
}

test("test_timeouts.py::TimeoutTests.test_timeout_after_cancellation: a timeout works in the cleanup of a cancelled task too, and leaves the request of the cancellation in place", () =>
  program(async () => {
    const task = cancelledTask(() => thrownBy(timeout(0, async () => await sleep(1000))));
    expect(await task).toEqual(["CancelledError", "TimeoutError", 1]);
  }));

test("test_timeouts.py::TimeoutTests.test_cancel_in_timeout_after_cancellation: a second cancellation in the cleanup of a cancelled task is not taken for the timeout's", () =>
  program(async () => {
    const task = cancelledTask(() =>
      thrownBy(
        timeout(1000, async () => {
          currentTask()!.cancel();
          await sleep(2000);
        }),
      ),
    );
    expect(await task).toEqual(["CancelledError", "CancelledError", 2]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_taskgroup: a task group that fails when a timeout around it cancels it throws its ExceptionGroup, and the task is not left cancelled", () =>
  program(async ({ loop }) => {
    let limit!: Timeout;
    const broken = new RangeError("in cleanup");
    const crash = async () => {
      try {
        await sleep(2000);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
        throw broken;
      }
    };
    const error = (await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        await taskGroup(async (tg) => {
          tg.createTask(crash());
          await sleep(1000);
        });
      }),
    )) as ExceptionGroup;
    expect(error).toBeInstanceOf(ExceptionGroup);
    expect(error.errors).toEqual([broken]);
    expect([error.cause, broken.cause]).toEqual([undefined, undefined]);
    expect([limit.expired(), currentTask()!.cancelling()]).toEqual([true, 0]);
    await sleep(1);
    expect(loop.time()).toBe(11);
  }));
