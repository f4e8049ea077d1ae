import {
  CancelledError,
  ContextVar,
  type Coroutine,
  type EventLoop,
  Future,
  KeyboardInterrupt,
  Task,
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { describe, expect, test } from "vitest";

const eagerly = <T>(main: () => Promise<T>): Promise<T> =>
  run(async () => {
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    return await main();
  });

const eager = { eagerStart: true };

async function noting(log: unknown[], name: string): Promise<void> {
  log.push(`${name} begins`);
  await sleep(0);
}

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("an eager task", () => {
  test("runs its first step within the call, and is done there when it need not wait", () =>
    eagerly(async () => {
      const log: string[] = [];
      const { iterations } = getRunningLoop().statistics();
      const task = createTask(
        (async () => {
          log.push("ran");
          return "value";
        })(),
      );
      log.push("created");
      expect([log, task.done(), task.result(), task.getCoro()]).toEqual([["ran", "created"], true, "value", null]);
      expect(await task).toBe("value");
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("goes on as any task when it has to wait", () =>
    eagerly(async () => {
      const log: string[] = [];
      const { iterations } = getRunningLoop().statistics();
      const waiting = async (name: string): Promise<string> => {
        log.push(`${name} begins`);
        await sleep(0);
        log.push(`${name} at ${getRunningLoop().statistics().iterations - iterations}`);
        return name;
      };
      const tasks = ["a", "b"].map((name) => createTask(waiting(name)));
      log.push("created");
      expect(allTasks()).toEqual(new Set([currentTask()!, ...tasks]));
      expect([await tasks[0], await tasks[1]]).toEqual(["a", "b"]);
      expect(log).toEqual(["a begins", "b begins", "created", "a at 1", "b at 1"]);
    }));

  test("is the current task in its first step, and among all tasks; its creator is it again afterwards", () =>
    eagerly(async () => {
      const creator = currentTask();
      let seen: readonly [Task | null, boolean] | undefined;
      const task = createTask(
        (async () => {
          seen = [currentTask(), allTasks().has(currentTask()!)];
        })(),
      );
      expect(seen![0]).toBe(task);
      expect([seen![1], currentTask() === creator, allTasks().has(task)]).toEqual([true, true, false]);
    }));

  test("may create eager tasks itself, to any sensible depth", () =>
    eagerly(async () => {
      const nesting = async (depth: number): Promise<number> =>
        depth === 0 ? 0 : (await createTask(nesting(depth - 1))) + 1;
      const task = createTask(nesting(100));
      expect([task.done(), task.result()]).toEqual([true, 100]);
      const waiting = async (depth: number): Promise<number> => {
        if (depth > 0) return (await createTask(waiting(depth - 1))) + 1;
        await sleep(0);
        return 0;
      };
      expect(await createTask(waiting(100))).toBe(100);
    }));

  test("keeps its error, which its first step throws, for who awaits it", () =>
    eagerly(async () => {
      const boom = new RangeError("boom");
      const task = createTask(
        (async () => {
          throw boom;
        })(),
      );
      expect([task.done(), task.exception()]).toEqual([true, boom]);
      expect(await errorOf(task)).toBe(boom);
    }));

  test("passes KeyboardInterrupt out of the call, and leaves everything in order", () =>
    eagerly(async () => {
      const heard: string[] = [];
      getRunningLoop().setExceptionHandler((_, { message }) => void heard.push(message));
      const creator = currentTask();
      const interrupting = async (): Promise<void> => {
        throw new KeyboardInterrupt("now");
      };
      let caught: unknown;
      try {
        createTask(interrupting());
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(KeyboardInterrupt);
      expect(currentTask()).toBe(creator);
      expect(allTasks()).toEqual(new Set([creator!]));
      await sleep(0);
      expect(currentTask()).toBe(creator);
    }));

  test("cannot be cancelled once it is done, and as any task after its first step", () =>
    eagerly(async () => {
      const done = createTask((async () => 1)());
      expect([done.cancel(), done.cancelled(), done.result()]).toEqual([false, false, 1]);
      const log: string[] = [];
      const waiting = createTask(
        (async () => {
          try {
            await sleep(1000);
          } finally {
            log.push("cleaned up");
          }
        })(),
      );
      expect([waiting.cancel("enough"), waiting.cancelled()]).toEqual([true, false]);
      const error = await errorOf(waiting);
      expect([error.message, waiting.cancelled(), log]).toEqual(["enough", true, ["cleaned up"]]);
    }));

  test("that cancels itself in its first step is cancelled at its first wait, or at its end", () =>
    eagerly(async () => {
      const log: string[] = [];
      const waiting = createTask(
        (async () => {
          currentTask()!.cancel();
          await sleep(0);
          log.push("never");
        })(),
      );
      const returning = createTask(
        (async () => {
          currentTask()!.cancel("at the end");
          return 1;
        })(),
      );
      expect([returning.done(), returning.cancelled()]).toEqual([true, true]);
      expect((await errorOf(returning)).message).toBe("at the end");
      expect(await errorOf(waiting)).toBeInstanceOf(CancelledError);
      expect(log).toEqual([]);
    }));

  test("has its own copy of the context from its first step on", () =>
    eagerly(async () => {
      const variable = new ContextVar<string>("v", { default: "default" });
      variable.set("creator");
      const seen: string[] = [];
      const task = createTask(
        (async () => {
          seen.push(variable.get());
          variable.set("task");
          await sleep(0);
          seen.push(variable.get());
        })(),
      );
      expect(variable.get()).toBe("creator");
      await task;
      expect([seen, variable.get()]).toEqual([["creator", "task"], "creator"]);
    }));

  test("calls done callbacks through the loop all the same", () =>
    eagerly(async () => {
      const log: string[] = [];
      const task = createTask((async () => 1)());
      task.addDoneCallback(() => log.push("callback"));
      log.push("added");
      await sleep(0);
      expect(log).toEqual(["added", "callback"]);
    }));

  test("may wait for what its creator then does", () =>
    eagerly(async () => {
      const future = new Future<number>();
      const task = createTask((async () => (await future) + 1)());
      future.setResult(1);
      expect(await task).toBe(2);
    }));

  test("cannot await itself", () =>
    run(async () => {
      const self = async (): Promise<void> => currentTask()!;
      const error = await errorOf(createTask(self(), { name: "t", ...eager }));
      expect(error.message).toContain("a task cannot await itself");
    }));

  test("inside an eager task inside an eager task: the steps nest", () =>
    eagerly(async () => {
      const log: unknown[] = [];
      const nesting = async (depth: number): Promise<void> => {
        log.push(`in ${depth}`);
        if (depth > 0) {
          const inner = createTask(nesting(depth - 1));
          log.push(`back in ${depth} ${inner.done()}`);
          await sleep(0);
          await inner;
        }
        log.push(`out ${depth}`);
      };
      await createTask(nesting(2));
      expect(log).toEqual(["in 2", "in 1", "in 0", "out 0", "back in 1 true", "back in 2 false", "out 1", "out 2"]);
    }));

  test("made by a plain callback has no task around it", () =>
    run(async () => {
      const log: unknown[] = [];
      getRunningLoop().callSoon(() => {
        createTask(noting(log, "eager"), eager);
        log.push(currentTask());
      });
      await sleep(0);
      expect(log).toEqual(["eager begins", null]);
      await sleep(0);
    }));

  test("saves gather and task groups their iterations when nothing waits", () =>
    eagerly(async () => {
      const { iterations } = getRunningLoop().statistics();
      const instant = async (n: number): Promise<number> => n;
      expect(await gather(instant(1), instant(2))).toEqual([1, 2]);
      await taskGroup(async (tg) => {
        expect(tg.createTask(instant(3)).result()).toBe(3);
      });
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));
});

describe("asked for", () => {
  test("by the option, of one task only", () =>
    run(async () => {
      const log: string[] = [];
      const noting = async (name: string): Promise<void> => void log.push(name);
      const late = createTask(noting("late"));
      const eager = createTask(noting("eager"), { eagerStart: true, name: "E" });
      expect([late.done(), eager.done(), eager.getName(), log]).toEqual([false, true, "E", ["eager"]]);
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      expect(createTask(noting("off"), { eagerStart: false }).done()).toBe(false);
      expect(createTask(noting("named"), { name: "N" }).getName()).toBe("N");
      expect(createTask(noting("unnamed")).getName()).toMatch(/^Task-\d+$/);
    }));

  test("on a loop that does not run, or not now, has no effect", async () => {
    const log: string[] = [];
    const noting = async (): Promise<void> => void log.push("ran");
    const loop = newEventLoop();
    loop.setTaskFactory(eagerTaskFactory);
    const task = loop.createTask(noting());
    expect([task.done(), log]).toEqual([false, []]);
    await run(async () => {
      expect(loop.createTask(noting()).done()).toBe(false);
    });
    await loop.runUntilComplete(task);
    loop.close();
    expect(log).toEqual(["ran", "ran"]);
  });

  test("for a subclass of Task by createEagerTaskFactory", () =>
    run(async () => {
      class Counted<T> extends Task<T> {
        static made = 0;
        constructor(...args: ConstructorParameters<typeof Task<T>>) {
          super(...args);
          Counted.made++;
        }
      }
      getRunningLoop().setTaskFactory(createEagerTaskFactory(Counted as unknown as typeof Task));
      const task = createTask((async () => 1)());
      expect([task instanceof Counted, task.result(), Counted.made]).toEqual([true, 1, 1]);
      expect(ensureFuture((async () => 2)()) instanceof Counted).toBe(true);
    }));
});

describe("a task factory", () => {
  test("makes the tasks of its loop; null brings the default back", () =>
    run(async () => {
      const loop = getRunningLoop();
      const made: unknown[] = [];
      const factory = <T>(of: EventLoop, co: Coroutine<T>, options: object): Task<T> => {
        made.push([of === loop, co.name, options]);
        return new Task(co, { loop: of });
      };
      loop.setTaskFactory(factory);
      expect(loop.getTaskFactory()).toBe(factory);
      const named = async (): Promise<number> => 1;
      const task = createTask(named(), { name: "given" });
      expect([made, task.getName(), await task]).toEqual([[[true, "named", { name: "given" }]], "given", 1]);
      loop.setTaskFactory(null);
      expect(loop.getTaskFactory()).toBe(null);
      await createTask(named());
      expect(made.length).toBe(1);
      expect(() => loop.setTaskFactory(5 as never)).toThrow(
        "Cannot set task factory: expected a function or null, received 5",
      );
    }));
});
