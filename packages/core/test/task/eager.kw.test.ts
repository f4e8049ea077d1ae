import {
  CancelledError,
  ContextVar,
  Future,
  KeyboardInterrupt,
  Task,
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { describe, expect, test } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

const eager = { eagerStart: true };

async function noting(log: unknown[], name: string): Promise<string> {
  log.push(`${name} begins`);
  await sleep(0);
  log.push(`${name} ends`);
  return name;
}

/** A loop that makes every task eager. */
const eagerly = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, {
    loopFactory: () => {
      const loop = newEventLoop();
      loop.setTaskFactory(eagerTaskFactory);
      return loop;
    },
  });

describe("an eager task", () => {
  test("runs its first step inside the call that makes it, and the rest as any other", () =>
    run(async () => {
      const log: unknown[] = [];
      const later = createTask(noting(log, "later"));
      const task = createTask(noting(log, "eager"), eager);
      expect(log).toEqual(["eager begins"]);
      expect([await task, await later]).toEqual(["eager", "later"]);
      expect(log).toEqual(["eager begins", "later begins", "eager ends", "later ends"]);
    }));

  test("that does not wait is done at once and never was in the ready queue", () =>
    run(async () => {
      const { ready } = getRunningLoop().statistics();
      const done = new Future<string>();
      done.setResult("value");
      const task = createTask((async () => done)(), eager);
      expect([task.done(), task.getCoro(), getRunningLoop().statistics().ready]).toEqual([true, null, ready]);
      expect([allTasks().size, task.cancel(), task.cancelling(), await task]).toEqual([1, false, 0, "value"]);
    }));

  test("that fails at once keeps its error for who awaits it", () =>
    run(async () => {
      const boom = new Error("boom");
      const task = createTask(
        (async () => {
          throw boom;
        })(),
        eager,
      );
      expect([task.done(), task.exception()]).toEqual([true, boom]);
      expect(await errorOf(task)).toBe(boom);
    }));

  test("calls done callbacks through the loop", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask((async () => 1)(), eager);
      task.addDoneCallback((done) => void log.push(done.result()));
      expect(log).toEqual([]);
      await sleep(0);
      expect(log).toEqual([1]);
    }));

  test("is the current task during its first step, and then the one that made it is again", () =>
    run(async () => {
      const main = currentTask();
      const telling = async (): Promise<[Task | null, number]> => [currentTask(), allTasks().size];
      const task = createTask(telling(), eager);
      const [seen, size] = task.result();
      expect([seen === task, size, currentTask() === main]).toEqual([true, 2, true]);
      const failing = createTask((async () => Promise.reject(new Error("x")))(), eager);
      expect(currentTask() === main).toBe(true);
      await errorOf(failing);
    }));

  test("writes its variables into its own context", () =>
    run(async () => {
      const variable = new ContextVar<string>("v", { default: "none" });
      const setting = async (): Promise<string> => {
        const before = variable.get();
        variable.set("eager");
        await sleep(0);
        return `${before} ${variable.get()}`;
      };
      variable.set("main");
      const task = createTask(setting(), eager);
      expect(variable.get()).toBe("main");
      expect([await task, variable.get()]).toEqual(["main eager", "main"]);
    }));

  test("has its name from the beginning", () =>
    eagerly(async () => {
      const named = createTask((async () => currentTask()!.getName())(), { name: "n" });
      expect(named.result()).toBe("n");
      expect(createTask(sleep(0)).getName()).toMatch(/^Task-\d+$/);
    }));

  test("cancelled after its first step behaves as any other", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, "eager"), eager);
      task.cancel("why");
      const error = await errorOf(task);
      expect([error instanceof CancelledError, error.message, task.cancelled(), log]).toEqual([
        true,
        "why",
        true,
        ["eager begins"],
      ]);
    }));

  test("may cancel itself in its first step", () =>
    run(async () => {
      const self = async (): Promise<void> => {
        currentTask()!.cancel("me");
        await sleep(1000);
      };
      expect((await errorOf(createTask(self(), eager))).message).toBe("me");
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

  test("on a loop that does not run begins as any other", async () => {
    const log: unknown[] = [];
    const loop = newEventLoop();
    loop.setTaskFactory(eagerTaskFactory);
    const task = loop.createTask(noting(log, "task"));
    expect(log).toEqual([]);
    expect(await loop.runUntilComplete(task)).toBe("task");
    loop.close();
  });

  test("on another loop than the running one begins there", () =>
    run(async () => {
      const log: unknown[] = [];
      const loop = newEventLoop();
      const task = loop.createTask(noting(log, "task"), eager);
      expect(log).toEqual([]);
      await (loop.runUntilComplete(task) as PromiseLike<unknown>);
      loop.close();
    }));

  test("an interrupt in its first step goes out of the call, and the one who made it stays what he was", async () => {
    const loop = newEventLoop();
    const seen: unknown[] = [];
    const main = async (): Promise<void> => {
      const own = currentTask();
      try {
        createTask(
          (async () => {
            throw new KeyboardInterrupt("now");
          })(),
          eager,
        );
      } catch (error) {
        seen.push(error instanceof KeyboardInterrupt, currentTask() === own);
      }
      await sleep(0);
      seen.push("went on");
    };
    await loop.runUntilComplete(main());
    loop.close();
    expect(seen).toEqual([true, true, "went on"]);
  });
});

describe("eager task factories", () => {
  test("make every task eager, those of gather and of groups too", () =>
    eagerly(async () => {
      const log: unknown[] = [];
      const all = gather(noting(log, "a"), noting(log, "b"));
      expect(log).toEqual(["a begins", "b begins"]);
      expect(await all).toEqual(["a", "b"]);
      const task = await taskGroup(async (group) => {
        const child = group.createTask(noting(log, "c"));
        expect(log.at(-1)).toBe("c begins");
        return child;
      });
      expect(task).toBe("c");
    }));

  test("may be told otherwise for one task", () =>
    eagerly(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, "lazy"), { eagerStart: false });
      expect(log).toEqual([]);
      await task;
    }));

  test("can be made for a subclass", () =>
    run(async () => {
      class Job<T> extends Task<T> {}
      getRunningLoop().setTaskFactory(createEagerTaskFactory(Job));
      const log: unknown[] = [];
      const job = createTask(noting(log, "job"), { name: "j" });
      expect([job instanceof Job, job.getName(), log]).toEqual([true, "j", ["job begins"]]);
      await job;
    }));
});
