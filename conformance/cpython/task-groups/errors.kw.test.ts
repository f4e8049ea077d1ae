import {
  type Coroutine,
  ExceptionGroup,
  KeyboardInterrupt,
  RuntimeError,
  type Task,
  createTask,
  currentTask,
  sleep,
  taskGroup,
} from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { type Given, program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { failAfter, failInCleanup } from "./failing.ts";
import { members } from "./members.ts";

/** Waits for long, and logs how it ends. */
async function watch({ log, loop }: Given, name: string) {
  try {
    await sleep("1h");
    log.push(`${name} went on`);
  } catch (error) {
    log.push(`${name} at ${loop.time()}: ${(error as Error).name}`);
    throw error;
  }
}

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_04: when a task of a group fails the others are cancelled, and the group throws an ExceptionGroup with the error", () =>
  eitherStart(async (given) => {
    const { log } = given;
    const siblings: Task[] = [];
    const parent = createTask(
      (async () => {
        await taskGroup(async (tg) => {
          tg.createTask(failAfter(100, new RangeError("broken")));
          siblings.push(tg.createTask(watch(given, "sibling")));
        });
        log.push("after the group");
      })(),
    );
    const error = (await thrownBy(parent)) as ExceptionGroup;
    expect(log).toEqual(["sibling at 100: CancelledError"]);
    expect(siblings.map((task) => task.cancelled())).toEqual([true]);
    expect(members(error)).toEqual(["RangeError: broken"]);
    expect([error.message, error.code]).toEqual([
      "unhandled errors in a TaskGroup (1 sub-exception)",
      "TSYNCIO_EXCEPTION_GROUP",
    ]);
    expect(error.cause).toBeUndefined();
  }));

test("test_taskgroups.py::TestTaskGroup.test_cancel_children_on_child_error: when tasks of a group fail the rest and the body are cancelled, and the errors come together in the order of the failures", () =>
  eitherStart(async (given) => {
    const { log } = given;
    const parent = createTask(
      (async () => {
        await taskGroup(async (tg) => {
          for (const name of ["a", "b", "c"]) tg.createTask(failAfter(100, new RangeError(name)));
          tg.createTask(watch(given, "sibling"));
          await watch(given, "body");
        });
        log.push("after the group");
      })(),
    );
    const error = await thrownBy(parent);
    expect(members(error)).toEqual(["RangeError: a", "RangeError: b", "RangeError: c"]);
    expect(log).toEqual(["sibling at 100: CancelledError", "body at 100: CancelledError"]);
    expect([parent.cancelled(), parent.cancelling()]).toEqual([false, 0]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_09: a body that throws after a wait cancels the tasks, and its error comes in an ExceptionGroup too", () =>
  eitherStart(async (given) => {
    const tasks: Task[] = [];
    const error = await thrownBy(
      taskGroup(async (tg) => {
        for (const name of ["a", "b"]) tasks.push(tg.createTask(watch(given, name)));
        await sleep(100);
        throw new RangeError("in the body");
      }),
    );
    expect(members(error)).toEqual(["RangeError: in the body"]);
    expect(tasks.map((task) => task.cancelled())).toEqual([true, true]);
    expect(given.log).toEqual(["a at 100: CancelledError", "b at 100: CancelledError"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_10: a body that throws before its tasks have begun cancels them, and they never begin", async () => {
  for (const eagerStart of [false, true])
    await program(async (given) => {
      const tasks: Task[] = [];
      const error = await thrownBy(
        taskGroup(async (tg) => {
          for (const name of ["a", "b"]) tasks.push(tg.createTask(watch(given, name), { eagerStart }));
          throw new RangeError("in the body");
        }),
      );
      expect(members(error)).toEqual(["RangeError: in the body"]);
      expect(tasks.map((task) => task.cancelled())).toEqual([true, true]);
      expect(given.log).toEqual(eagerStart ? ["a at 0: CancelledError", "b at 0: CancelledError"] : []);
    });
});

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_19: what the body throws while it is cancelled for a failed task stands in the group after the error of the task", () =>
  eitherStart(async () => {
    const error = await thrownBy(
      createTask(
        taskGroup(async (tg) => {
          tg.createTask(failAfter(100, new RangeError("task")));
          await failInCleanup(new TypeError("body"));
        }),
      ),
    );
    expect(members(error)).toEqual(["RangeError: task", "TypeError: body"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_20: a KeyboardInterrupt in the body is thrown as it is, in no group, whatever else has failed", () =>
  eitherStart(async () => {
    const interrupt = new KeyboardInterrupt();
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(100, new RangeError("task")));
        await failInCleanup(interrupt);
      }),
    );
    expect(error).toBe(interrupt);
  }));

class Alarm {
  toString() {
    return "Alarm";
  }
}

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_20a: a body may throw what is no Error: it stands in the group like any other error", () =>
  eitherStart(async () => {
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(100, new RangeError("task")));
        await failInCleanup(new Alarm());
      }),
    );
    expect(error).toBeInstanceOf(ExceptionGroup);
    expect(members(error)).toEqual(["RangeError: task", "Alarm"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_21a: a task may throw what is no Error: the others are cancelled as for any other failure", () =>
  eitherStart(async () => {
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(100, new Alarm()));
        await failInCleanup(new TypeError("body"));
      }),
    );
    expect(error).toBeInstanceOf(ExceptionGroup);
    expect(members(error)).toEqual(["Alarm", "TypeError: body"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_no_create_task_after_failure: a group in which something has failed takes no task any more, and closes the coroutine", () =>
  eitherStart(async ({ log }) => {
    const late = async () => void log.push("late began");
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(1, new RangeError("broken")));
        const restart = async () => {
          try {
            await sleep(1000);
          } catch {
            const refused = late();
            try {
              tg.createTask(refused);
            } catch (error) {
              log.push(error, (refused as unknown as Coroutine<void>).state);
            }
          }
        };
        tg.createTask(restart());
      }),
    );
    expect(members(error)).toEqual(["RangeError: broken"]);
    expect(log).toEqual([
      new RuntimeError(
        'Cannot create task "late" in a TaskGroup that is shutting down: it was cancelled or something in it has failed',
      ),
      "closed",
    ]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_context_manager_exit_raises: when a resource in the body fails to close after a task has failed, both errors come, and the task of the group is not left cancelled", () =>
  eitherStart(async ({ log }) => {
    const withDatabase = async (body: () => PromiseLike<void>) => {
      try {
        await body();
      } finally {
        log.push("closing");
        // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
        throw new RangeError("cannot close");
      }
    };
    const work = async () => {
      const error = await thrownBy(
        taskGroup(async (tg) => {
          await withDatabase(async () => {
            tg.createTask(failAfter(0, new RangeError("cannot write")));
            await sleep(1000);
            log.push("went on");
          });
        }),
      );
      expect(currentTask()!.cancelling()).toBe(0);
      return members(error);
    };
    expect(await createTask(work())).toEqual(["RangeError: cannot write", "RangeError: cannot close"]);
    expect(log).toEqual(["closing"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_cancelling_level_preserved: a group that has failed takes back the cancellation with which it stopped its body", () =>
  eitherStart(async ({ log }) => {
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(0, new RangeError("broken")));
        try {
          await sleep(1000);
        } finally {
          log.push(currentTask()!.cancelling());
        }
      }),
    );
    log.push(currentTask()!.cancelling());
    await sleep(0);
    expect(members(error)).toEqual(["RangeError: broken"]);
    expect(log).toEqual([1, 0]);
  }));
