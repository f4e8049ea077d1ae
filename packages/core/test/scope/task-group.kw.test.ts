import {
  CancelledError,
  type Coroutine,
  ExceptionGroup,
  KeyboardInterrupt,
  RuntimeError,
  type Task,
  type TaskGroup,
  allTasks,
  createTask,
  currentTask,
  formatCallGraph,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { describe, expect, expectTypeOf, test, vi } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

async function fail(name: string, rounds = 0): Promise<never> {
  for (let i = 0; i < rounds; i++) await sleep(0);
  throw new Error(name);
}

async function logged(log: string[], name: string, rounds = 0): Promise<string> {
  try {
    await sleep(1000);
  } finally {
    for (let i = 0; i < rounds; i++) await sleep(0);
    log.push(name);
  }
  return name;
}

describe("taskGroup", () => {
  test("gives what the body gives, after all tasks have ended", () =>
    run(async () => {
      let task!: Task<string>;
      const value = await taskGroup(async (tg) => {
        task = tg.createTask(sleep(1, "task"), { name: "named" });
        return "body";
      });
      expect([value, task.result(), task.getName()]).toEqual(["body", "task", "named"]);
    }));

  test("throws all errors together, in the order in which they came, that of the body last", () =>
    run(async () => {
      const error = (await errorOf(
        taskGroup(async (tg) => {
          tg.createTask(fail("a", 1));
          tg.createTask(fail("b", 1));
          try {
            await sleep(1000);
          } finally {
            await fail("body");
          }
        }),
      )) as ExceptionGroup<Error>;
      expect(error).toBeInstanceOf(ExceptionGroup);
      expect(error.message).toBe("unhandled errors in a TaskGroup (3 sub-exceptions)");
      expect(error.errors.map(({ message }) => message)).toEqual(["a", "b", "body"]);
      expect([error.code, currentTask()!.cancelling()]).toEqual(["TSYNCIO_EXCEPTION_GROUP", 0]);
    }));

  test("shows the tasks that have not ended", () =>
    run(async () => {
      await taskGroup(async (tg) => {
        tg.createTask(sleep(0), { name: "a" });
        tg.createTask(sleep(2), { name: "b" });
        const names = () => [...tg.tasks].map((task) => task.getName());
        expect([names(), String(tg)]).toEqual([["a", "b"], "<TaskGroup tasks=2 entered>"]);
        await sleep(1);
        expect(names()).toEqual(["b"]);
      });
    }));

  test("takes no task any more when it is finished or shutting down, and closes the coroutine", () =>
    run(async () => {
      let kept!: TaskGroup;
      await taskGroup(async (tg) => void (kept = tg));
      const late = sleeping();
      expect(() => kept.createTask(late)).toThrow(
        new RuntimeError('Cannot create task "sleeping" in a finished TaskGroup: create tasks before its body returns'),
      );
      expect((late as unknown as Coroutine<void>).state).toBe("closed");
      await errorOf(
        taskGroup(async (tg) => {
          tg.createTask(fail("a"));
          try {
            await sleep(1000);
          } finally {
            const refused = sleeping();
            expect(() => tg.createTask(refused, { name: "refused" })).toThrow(
              'Cannot create task "refused" in a TaskGroup that is shutting down',
            );
            expect((refused as unknown as Coroutine<void>).state).toBe("closed");
          }
        }),
      );
      async function sleeping() {
        await sleep(0);
      }
    }));

  test("cancelled while the body waits, and while the group waits, cancels the tasks and waits for them", () =>
    run(async () => {
      for (const bodyWaits of [true, false]) {
        const log: string[] = [];
        const task = createTask(
          taskGroup(async (tg) => {
            tg.createTask(logged(log, "a", 2));
            tg.createTask(logged(log, "b", 1));
            if (bodyWaits) await sleep(1000);
          }),
        );
        await sleep(0);
        await sleep(0);
        task.cancel("stop");
        task.cancel("again");
        expect(await errorOf(task)).toBeInstanceOf(CancelledError);
        expect([log, task.cancelling(), allTasks().size]).toEqual([["b", "a"], 2, 1]);
      }
    }));

  test("throws KeyboardInterrupt by itself, whatever else has failed", async () => {
    const seen: unknown[] = [];
    const main = async () => {
      try {
        await taskGroup(async (tg) => {
          tg.createTask(fail("a"));
          tg.createTask(interrupt());
          await sleep(1000);
        });
      } catch (error) {
        seen.push(error);
        throw error;
      }
    };
    const interrupt = async () => {
      throw new KeyboardInterrupt("ctrl-c");
    };
    // It goes through the loop a second time, when the group throws it again during the cleanup.
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(run(main)).rejects.toThrow(KeyboardInterrupt);
    printed.mockRestore();
    expect(seen).toEqual([expect.any(KeyboardInterrupt)]);
  });

  test("cancel() ends it early without an error", () =>
    run(async () => {
      const log: string[] = [];
      for (const waits of [true, false]) {
        const value = await taskGroup(async (tg) => {
          tg.createTask(logged(log, "a", 1));
          await sleep(0);
          tg.cancel();
          tg.cancel();
          if (waits) await sleep(1000);
          return "body";
        });
        expect([value, log, currentTask()!.cancelling()]).toEqual([waits ? undefined : "body", ["a"], 0]);
        log.length = 0;
      }
      await sleep(0);
    }));

  test("cancel() from a task or from outside ends it as well, and errors on the way come out", () =>
    run(async () => {
      await taskGroup(async (tg) => {
        tg.createTask((async () => tg.cancel())());
        await sleep(1000);
        expect.unreachable();
      });
      const error = await errorOf(
        taskGroup(async (tg) => {
          getRunningLoop().callSoon(() => tg.cancel());
          try {
            await sleep(1000);
          } finally {
            await fail("in cleanup");
          }
        }),
      );
      expect((error as ExceptionGroup).errors).toEqual([new Error("in cleanup")]);
      let kept!: TaskGroup;
      await taskGroup(async (tg) => void (kept = tg));
      kept.cancel();
      expect(currentTask()!.cancelling()).toBe(0);
    }));

  test("cancelled from outside and by cancel() together, throws CancelledError", () =>
    run(async () => {
      const task = createTask(
        taskGroup(async (tg) => {
          getRunningLoop().callSoon(() => tg.cancel());
          await sleep(1000);
        }),
      );
      await sleep(0);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(task.cancelling()).toBe(1);
    }));

  test("shows in the call graph that the parent waits for the tasks", () =>
    run(async () => {
      let child!: Task<void>;
      const parent = createTask(
        taskGroup(async (tg) => {
          child = tg.createTask(sleep(5) as PromiseLike<void>, { name: "child" });
        }),
        { name: "parent" },
      );
      await sleep(0);
      await sleep(0);
      expect(formatCallGraph(child)).toMatch(/child[\s\S]*Awaited by:[\s\S]*Task\(name='parent'\)[\s\S]*taskGroup\(\)/);
      await parent;
    }));

  test("leaves nothing in the loop", () =>
    run(async () => {
      const loop = getRunningLoop();
      await taskGroup(async (tg) => {
        for (let i = 0; i < 3; i++) tg.createTask(sleep(0));
      });
      expect(loop.statistics()).toMatchObject({ ready: 0, tasks: 1, timers: 0 });
    }));

  test("throws wrong arguments at the call, and a missing task when it begins", () =>
    run(async () => {
      expect(() => taskGroup(undefined as never)).toThrow(
        new TypeError(
          "Cannot run taskGroup: expected a function as its body, received undefined; write taskGroup(..., async () => { ... })",
        ),
      );
      expect(() => taskGroup(async () => {}).send()).toThrow(
        "Cannot enter TaskGroup: there is no current task; use it inside a task",
      );
      const error = (await errorOf(taskGroup(async (tg) => void tg.createTask(5 as never)))) as ExceptionGroup;
      expect(error.errors).toEqual([expect.any(TypeError)]);
    }));

  test("works on any loop", async () => {
    const loop = newEventLoop();
    expect(await loop.runUntilComplete(taskGroup(async (tg) => await tg.createTask(sleep(0, "done"))))).toBe("done");
    loop.close();
  });

  test("types its result by the body, and its tasks by their coroutines", () => {
    const types = () => {
      expectTypeOf(taskGroup(async () => 5)).toEqualTypeOf<Coroutine<number>>();
      expectTypeOf(taskGroup(async (tg) => tg.createTask(sleep(0, "x")).result())).toEqualTypeOf<Coroutine<string>>();
      expectTypeOf(
        taskGroup(function* (tg) {
          return yield* tg.createTask(sleep(0, true));
        }),
      ).toEqualTypeOf<Coroutine<boolean>>();
    };
    expect(types).toBeTypeOf("function");
  });
});
