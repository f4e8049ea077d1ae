import {
  CancelledError,
  ContextVar,
  type Coroutine,
  Future,
  RuntimeError,
  Task,
  allTasks,
  copyContext,
  coroutine,
  createTask,
  currentTask,
  ensureFuture,
  getRunningLoop,
  isFuture,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test, vi } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

async function noting(log: unknown[], name: unknown, times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    log.push(name);
    await sleep(0);
  }
}

const numberOf = (task: Task): number => Number(/^Task-(\d+)$/.exec(task.getName())![1]);

describe("createTask", () => {
  test("runs tasks in the order of their creation, beginning in the next iteration", () =>
    run(async () => {
      const log: unknown[] = [];
      for (const name of ["a", "b", "c"]) createTask(noting(log, name, 2));
      expect(log).toEqual([]);
      await sleep(0);
      expect(log).toEqual(["a", "b", "c"]);
      await sleep(0);
      expect(log).toEqual(["a", "b", "c", "a", "b", "c"]);
    }));

  test("gives a future of what the coroutine returns", () =>
    run(async () => {
      const task = createTask((async () => 5)());
      expectTypeOf(task).toEqualTypeOf<Task<number>>();
      expect([isFuture(task), task.getLoop()]).toEqual([true, getRunningLoop()]);
      expect([await task, task.result(), task.exception()]).toEqual([5, 5, null]);
    }));

  test("wants a running loop and a coroutine", () =>
    run(async () => {
      for (const [wrong, message] of [
        [5, "received 5"],
        [null, "received null"],
        [Promise.resolve(), "received a native promise; its function is not compiled"],
        [(function* () {})(), "received a generator; wrap the generator function in coroutine()"],
        [noting, "received the function noting; call it: noting()"],
        [new Future(), "received <Future pending>"],
      ] as const) {
        expect(() => createTask(wrong as never)).toThrow(TypeError);
        expect(() => createTask(wrong as never)).toThrow(`Cannot create task: expected a coroutine, ${message}`);
      }
    }).then(() => {
      const co = noting([], "never");
      expect(() => createTask(co)).toThrow(RuntimeError);
      (co as unknown as Coroutine<void>).close();
    }));

  test("is refused by a closed loop", () => {
    const loop = newEventLoop();
    loop.close();
    const co = noting([], "never") as unknown as Coroutine<void>;
    expect(() => loop.createTask(co)).toThrow("Cannot use the event loop: it is closed");
    expect(co.state).toBe("created");
    co.close();
  });
});

describe("a task", () => {
  test("is named Task-<number>, by numbers that rise, or as it is told", () =>
    run(async () => {
      const [first, second] = [createTask(sleep(0)), createTask(sleep(0))];
      const named = createTask(sleep(0), { name: "fetch" });
      expect(numberOf(second)).toBe(numberOf(first) + 1);
      expect([named.getName(), named.name]).toEqual(["fetch", "fetch"]);
      named.setName(42);
      first.setName("renamed");
      expect([named.getName(), first.getName()]).toEqual(["42", "renamed"]);
      expect(numberOf(createTask(sleep(0)))).toBe(numberOf(second) + 2);
      const { name } = currentTask()!;
      expect(name).toMatch(/^Task-\d+$/);
    }));

  test("shows its state, its name and its coroutine", () =>
    run(async () => {
      const waiting = async (): Promise<void> => void (await sleep(1));
      const task = createTask(waiting(), { name: "t" });
      const shown = [String(task)];
      task.cancel();
      shown.push(String(task));
      await errorOf(task);
      const failed = createTask((async () => Promise.reject(new Error("x")))(), { name: "f" });
      await errorOf(failed);
      shown.push(String(task), String(failed));
      expect(shown).toEqual([
        "<Task pending name='t' coro=waiting()>",
        "<Task cancelling name='t' coro=waiting()>",
        "<Task cancelled name='t'>",
        "<Task finished name='f' exception=Error: x>",
      ]);
    }));

  test("tells its coroutine and its stack, outermost first, until it is done", () =>
    run(async () => {
      const inner = async (): Promise<void> => void (await sleep(0));
      const middle = async (): Promise<void> => inner();
      const outer = coroutine(function* outer() {
        yield middle();
      });
      const co = outer();
      const task = createTask(co);
      expect([task.getCoro() === co, task.getStack().length]).toEqual([true, 1]);
      await sleep(0);
      expect(task.getCoro()).toBe(co);
      expect(task.getStack().map(({ name }) => name)).toEqual(["outer", "middle", "inner"]);
      expect(task.getStack()[0]).toBe(co);
      await task;
      expect([task.getCoro(), task.getStack()]).toEqual([null, []]);
    }));

  test("prints its stack", () =>
    run(async () => {
      const inner = async (): Promise<void> => void (await sleep(0));
      const outer = async (): Promise<void> => void (await inner());
      const task = createTask(outer(), { name: "t" });
      await sleep(0);
      const printed = vi.spyOn(console, "error").mockImplementation(() => {});
      try {
        task.printStack();
        await task;
        task.printStack();
        expect(printed.mock.calls).toEqual([
          ["Stack for <Task pending name='t' coro=outer()>:\n  outer()\n  inner()"],
          ["No stack for <Task finished name='t' result=undefined>"],
        ]);
      } finally {
        printed.mockRestore();
      }
    }));

  test("cannot be given a result or an error", () =>
    run(async () => {
      const task = createTask(sleep(0, "own"), { name: "t" });
      expect(() => task.setResult("other")).toThrow(
        new RuntimeError("Cannot set the result of t: a task gets it from its coroutine"),
      );
      expect(() => task.setException(new Error("other"))).toThrow(
        new RuntimeError("Cannot set the exception of t: a task gets it from its coroutine"),
      );
      expect(await task).toBe("own");
    }));

  test("cannot await itself: the error strikes inside it, one iteration later", () =>
    run(async () => {
      const log: unknown[] = [];
      const own: { task?: Task } = {};
      const awaitingItself = async (): Promise<string> => {
        const { iterations } = getRunningLoop().statistics();
        const error = await errorOf(own.task!);
        log.push(error.message, getRunningLoop().statistics().iterations - iterations);
        return "went on";
      };
      own.task = createTask(awaitingItself(), { name: "t" });
      expect(await own.task).toBe("went on");
      expect(log).toEqual([
        "Cannot await <Task pending name='t' coro=awaitingItself()>: a task cannot await itself",
        1,
      ]);
    }));

  test("one hop is between its end and who awaits it", () =>
    run(async () => {
      const log: unknown[] = [];
      const child = createTask(noting(log, "child"));
      const parent = createTask(
        (async () => {
          await child;
          log.push("parent");
        })(),
      );
      await sleep(0);
      await sleep(0);
      expect([child.done(), log]).toEqual([true, ["child"]]);
      await sleep(0);
      expect([parent.done(), log]).toEqual([true, ["child", "parent"]]);
    }));

  test("is among allTasks until it is done, and currentTask while it runs", () =>
    run(async () => {
      const main = currentTask()!;
      const seen: unknown[] = [];
      const watching = async (): Promise<void> => {
        seen.push(currentTask());
        await sleep(0);
        seen.push(currentTask());
      };
      const task = createTask(watching());
      expect([...allTasks()].map((one) => one === main || one === task)).toEqual([true, true]);
      getRunningLoop().callSoon(() => void seen.push(currentTask()));
      await task;
      expect([seen[0] === task, seen[1], seen[2] === task]).toEqual([true, null, true]);
      expect([allTasks().size, allTasks().has(main), currentTask() === main]).toEqual([1, true, true]);
      allTasks().clear();
      expect(allTasks().size).toBe(1);
    }).then(() => expect(currentTask()).toBe(null)));

  test("of a subclass behaves alike", () =>
    run(async () => {
      class Job<T> extends Task<T> {}
      getRunningLoop().setTaskFactory((loop, co, options) => new Job(co, { ...options, loop }));
      const job = createTask(noting([], "x"), { name: "j" });
      expect([job instanceof Job, job.getName(), String(job)]).toEqual([
        true,
        "j",
        "<Task pending name='j' coro=noting()>",
      ]);
      getRunningLoop().setTaskFactory(null);
      expect(createTask(sleep(0))).not.toBeInstanceOf(Job);
      await job;
    }));
});

describe("the context of a task", () => {
  const variable = new ContextVar<string>("v", { default: "none" });

  test("is a copy made at its creation: writes on either side do not reach the other", () =>
    run(async () => {
      const seen: string[] = [];
      const child = async (): Promise<void> => {
        seen.push(variable.get());
        variable.set("child");
        await sleep(0);
        seen.push(variable.get());
      };
      variable.set("before");
      const task = createTask(child());
      variable.set("after");
      await task;
      expect([seen, variable.get()]).toEqual([["before", "child"], "after"]);
      expect(task.getContext().run(() => variable.get())).toBe("child");
      expect(task.getContext()).toBe(task.getContext());
    }));

  test("may be given, and is then shared", () =>
    run(async () => {
      const context = copyContext();
      const setting = async (text: string): Promise<string> => {
        const before = variable.get();
        variable.set(text);
        return before;
      };
      const tasks = ["a", "b"].map((text) => createTask(setting(text), { context }));
      expect([await tasks[0], await tasks[1], variable.get()]).toEqual(["none", "a", "none"]);
      expect(context.run(() => variable.get())).toBe("b");
      expect(tasks[0].getContext()).toBe(context);
    }));

  test("is that of its coroutines and callbacks, over every wait", () =>
    run(async () => {
      const seen: string[] = [];
      const inner = async (): Promise<void> => {
        seen.push(variable.get());
        variable.set("inner");
        await sleep(0);
      };
      const worker = async (name: string): Promise<void> => {
        variable.set(name);
        await inner();
        seen.push(variable.get());
        getRunningLoop().callSoon(() => void seen.push(`callback ${variable.get()}`));
        variable.set("later");
      };
      await createTask(worker("worker"));
      await sleep(0);
      expect(seen).toEqual(["worker", "inner", "callback inner"]);
    }));

  test("first written from outside is seen inside", () =>
    run(async () => {
      const reading = async (): Promise<string> => {
        await sleep(0);
        return variable.get();
      };
      const task = createTask(reading());
      await sleep(0);
      task.getContext().run(() => variable.set("from outside"));
      expect(await task).toBe("from outside");
    }));
});

describe("the signal of a task", () => {
  /** Counts the listeners of a signal. */
  function counted(): { controller: AbortController; readonly listeners: number } {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: any[]) => (listeners++, add(...(args as [any, any])));
    signal.removeEventListener = (...args: any[]) => (listeners--, remove(...(args as [any, any])));
    return {
      controller,
      get listeners() {
        return listeners;
      },
    };
  }

  test("cancels it when it is aborted, with the reason", () =>
    run(async () => {
      const { controller } = counted();
      const task = createTask(sleep(1000), { signal: controller.signal });
      await sleep(0);
      controller.abort("enough");
      const error = await errorOf(task);
      expect([error instanceof CancelledError, error.message, task.cancelling()]).toEqual([true, "enough", 1]);
    }));

  test("aborted already: its body never runs", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, "ran"), { signal: AbortSignal.abort("before") });
      expect((await errorOf(task)).message).toBe("before");
      expect(log).toEqual([]);
    }));

  test.each(["result", "error", "cancellation"])("is not listened to any more after the %s", (outcome) =>
    run(async () => {
      const watched = counted();
      const ending = async (): Promise<void> => {
        await sleep(outcome === "cancellation" ? 1000 : 0);
        if (outcome === "error") throw new Error("boom");
      };
      const task = createTask(ending(), { signal: watched.controller.signal });
      expect(watched.listeners).toBe(1);
      await sleep(0);
      if (outcome === "cancellation") task.cancel();
      await errorOf(task);
      expect(watched.listeners).toBe(0);
      watched.controller.abort();
      expect(task.cancelling()).toBe(outcome === "cancellation" ? 1 : 0);
    }),
  );
});

describe("ensureFuture", () => {
  test("gives futures and tasks as they are", () =>
    run(async () => {
      const future = new Future();
      const task = createTask(sleep(0));
      expect([ensureFuture(future) === future, ensureFuture(task) === task]).toEqual([true, true]);
      expect(ensureFuture(future, { loop: getRunningLoop() })).toBe(future);
      const other = newEventLoop();
      expect(() => ensureFuture(future, { loop: other })).toThrow(
        new RangeError("Cannot use the future on this loop: it belongs to a different one"),
      );
    }));

  test("makes a task of a coroutine, a promise and any thenable", () =>
    run(async () => {
      const thenable = { then: (resolve: (value: string) => void) => resolve("thenable") } as PromiseLike<string>;
      const futures = [sleep(0, "coroutine"), Promise.resolve("promise"), thenable].map((aw) => ensureFuture(aw));
      expect(futures.every((future) => future instanceof Task)).toBe(true);
      const values: string[] = [];
      for (const future of futures) values.push(await future);
      expect(values).toEqual(["coroutine", "promise", "thenable"]);
      expect(await errorOf(ensureFuture(Promise.reject(new Error("rejected"))))).toEqual(new Error("rejected"));
    }));

  test("refuses what cannot be awaited", () =>
    run(async () => {
      expect(() => ensureFuture(5 as never)).toThrow(
        new TypeError("Cannot await 5: expected a coroutine, a future or a promise"),
      );
      expect(() => ensureFuture(noting as never)).toThrow(
        new TypeError("Cannot await noting: received the function itself; call it: noting()"),
      );
    }));

  test("closes the coroutine when the loop is closed", () => {
    const loop = newEventLoop();
    loop.close();
    const co = noting([], "never") as unknown as Coroutine<void>;
    expect(() => ensureFuture(co, { loop })).toThrow(RuntimeError);
    expect(co.state).toBe("closed");
  });
});
