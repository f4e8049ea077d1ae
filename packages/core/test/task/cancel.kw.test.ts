import {
  CancelledError,
  Future,
  Lock,
  type Task,
  createTask,
  currentTask,
  fromPromise,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  shield,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtually = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

/** Waits, notes how that ended, and gives the CancelledError's message, or else what came. */
async function noting(log: unknown[], aw: () => PromiseLike<unknown>): Promise<void> {
  try {
    log.push(await aw());
  } catch (error) {
    log.push(error instanceof CancelledError ? `cancelled ${error.message}`.trimEnd() : error);
    throw error;
  }
}

async function gaveWay(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await sleep(0);
}

describe("cancel()", () => {
  test("is a request: the task is cancelled only when its coroutine has ended", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, () => sleep(1000)));
      await sleep(0);
      expect(task.cancel()).toBe(true);
      expect([task.cancelled(), task.done(), task.cancelling(), log]).toEqual([false, false, 1, []]);
      await sleep(0);
      expect([task.cancelled(), task.done(), task.cancelling(), log]).toEqual([true, true, 1, ["cancelled"]]);
    }));

  test("of a task that is done is refused and changes nothing", () =>
    run(async () => {
      const task = createTask(sleep(0, "value"));
      await task;
      expect([task.cancel(), task.cancelling(), task.cancelled(), task.result()]).toEqual([false, 0, false, "value"]);
    }));

  test("before its begin: the body never runs", () =>
    run(async () => {
      const log: unknown[] = [];
      const [plain, catching, closing] = [
        createTask((async () => void log.push("plain"))()),
        createTask(noting(log, () => sleep(0))),
        createTask(
          (async () => {
            try {
              await sleep(0);
            } finally {
              log.push("finally");
            }
          })(),
        ),
      ];
      for (const task of [plain, catching, closing]) task.cancel("early");
      for (const task of [plain, catching, closing]) expect((await errorOf(task)).message).toBe("early");
      expect(log).toEqual([]);
    }));

  test("of a task that awaits a future cancels the future, for everybody who awaits it", () =>
    run(async () => {
      const log: unknown[] = [];
      const future = new Future<void>();
      const [first, second] = [1, 2].map(() => createTask(noting(log, () => future)));
      await sleep(0);
      first.cancel("why");
      expect([future.cancelled(), first.cancelling(), second.cancelling()]).toEqual([true, 1, 0]);
      await sleep(0);
      expect(log).toEqual(["cancelled why", "cancelled why"]);
      expect([first.cancelled(), second.cancelled()]).toEqual([true, true]);
    }));

  test("of a task that awaits a task is handed on to that, and ends when that has ended", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const slow = async (): Promise<void> => {
        try {
          await sleep(1000);
        } finally {
          await sleep(5);
          log.push("cleaned up");
        }
      };
      const inner = createTask(slow());
      const outer = createTask(noting(log, () => inner));
      await sleep(0);
      await sleep(0);
      outer.cancel("why");
      expect([inner.cancelling(), outer.cancelling(), inner.cancelled()]).toEqual([1, 1, false]);
      expect((await errorOf(outer)).message).toBe("why");
      expect(log).toEqual(["cleaned up", "cancelled why"]);
      expect(getRunningLoop().time()).toBe(5);
    }));

  test("is used up when the task awaited swallows it: the one outside gets the value, and keeps its count", () =>
    virtually(async () => {
      const stubborn = async (): Promise<string> => {
        try {
          await sleep(1000);
        } catch {}
        return "value";
      };
      const log: unknown[] = [];
      const inner = createTask(stubborn());
      const outer = createTask(noting(log, () => inner));
      await gaveWay(2);
      outer.cancel();
      await outer;
      expect([log, outer.cancelled(), outer.cancelling(), inner.cancelling()]).toEqual([["value"], false, 1, 1]);
    }));

  test("reaches the innermost coroutine, and no task hop is between the frames", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const nested = async (depth: number): Promise<void> => {
        try {
          await (depth === 0 ? sleep(1000) : nested(depth - 1));
        } catch (error) {
          log.push(depth);
          throw error;
        }
      };
      const task = createTask(nested(3));
      await sleep(0);
      task.cancel();
      await sleep(0);
      expect([log, task.done()]).toEqual([[0, 1, 2, 3], true]);
    }));

  test("beats a result that came in the same iteration, whichever came first", () =>
    run(async () => {
      const log: unknown[] = [];
      const futures = [new Future<string>(), new Future<string>()];
      const tasks = futures.map((future) => createTask(noting(log, () => future)));
      await sleep(0);
      futures[0].setResult("value");
      tasks[0].cancel("after");
      tasks[1].cancel("before");
      expect(() => futures[1].setResult("value")).toThrow("Cannot set result: <Future cancelled> is done already");
      await sleep(0);
      expect(log).toEqual(["cancelled after", "cancelled before"]);
    }));

  test("beats an error that came before it; the error counts as read", () => {
    const reported: unknown[] = [];
    return run(async () => {
      getRunningLoop().setExceptionHandler((_, { message }) => void reported.push(message));
      const log: unknown[] = [];
      const future = new Future<string>();
      const task = createTask(noting(log, () => future));
      await sleep(0);
      future.setException(new Error("lost"));
      task.cancel();
      await errorOf(task);
      expect(log).toEqual(["cancelled"]);
    }).then(() => expect(reported).toEqual([]));
  });

  test("of itself strikes at the next wait that suspends", () =>
    run(async () => {
      const log: unknown[] = [];
      const done = new Future<string>();
      done.setResult("done");
      const self = async (): Promise<void> => {
        expect(currentTask()!.cancel("me")).toBe(true);
        log.push(await done, currentTask()!.cancelling());
        await noting(log, () => sleep(0));
      };
      const task = createTask(self());
      expect((await errorOf(task)).message).toBe("me");
      expect(log).toEqual(["done", 1, "cancelled me"]);
    }));

  test("of itself cancels the pending future that it awaits next", () =>
    run(async () => {
      const future = new Future<void>();
      const self = async (): Promise<void> => {
        currentTask()!.cancel("me");
        await future;
      };
      expect((await errorOf(createTask(self()))).message).toBe("me");
      expect(future.cancelled()).toBe(true);
    }));

  test("of itself is handed on to the task that it awaits next, which may swallow it", () =>
    virtually(async () => {
      const stubborn = async (): Promise<string> => ((await errorOf(sleep(1000))) as CancelledError).message;
      const inner = createTask(stubborn());
      await sleep(0);
      const self = async (): Promise<string> => {
        currentTask()!.cancel("me");
        const value = await inner;
        await sleep(1);
        return value;
      };
      expect(await createTask(self())).toBe("me");
    }));

  test("of itself, and then it returns: the task is cancelled", () =>
    run(async () => {
      const self = async (): Promise<string> => {
        currentTask()!.cancel("me");
        return "value";
      };
      const task = createTask(self());
      expect((await errorOf(task)).message).toBe("me");
      expect(task.cancelled()).toBe(true);
    }));

  test("of itself, and then it throws: the other error wins", () =>
    run(async () => {
      const self = async (): Promise<string> => {
        currentTask()!.cancel();
        throw new RangeError("boom");
      };
      const task = createTask(self());
      expect(await errorOf(task)).toBeInstanceOf(RangeError);
      expect(task.cancelled()).toBe(false);
    }));

  test("swallowed, the task goes on, and a new request strikes again", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const stubborn = async (): Promise<string> => {
        await errorOf(noting(log, () => sleep(1000)));
        await noting(log, () => sleep(1, "slept"));
        await errorOf(noting(log, () => sleep(1000)));
        return "end";
      };
      const task = createTask(stubborn());
      await sleep(0);
      task.cancel("first");
      await sleep(2);
      task.cancel("second");
      expect(await task).toBe("end");
      expect([log, task.cancelling()]).toEqual([["cancelled first", "slept", "cancelled second"], 2]);
    }));

  test("a CancelledError that nobody asked for ends a task as cancelled too", () =>
    run(async () => {
      const error = new CancelledError("on its own");
      const task = createTask(
        (async () => {
          throw error;
        })(),
      );
      expect(await errorOf(task)).toBe(error);
      expect([task.cancelled(), task.cancelling()]).toEqual([true, 0]);
    }));

  test("while it cleans up strikes in the finally block", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const cleaning = async (): Promise<void> => {
        try {
          await sleep(1000);
        } finally {
          await noting(log, () => sleep(1000));
        }
      };
      const task = createTask(cleaning());
      await sleep(0);
      task.cancel("first");
      await sleep(1);
      task.cancel("second");
      expect((await errorOf(task)).message).toBe("second");
      expect([log, task.cancelling()]).toEqual([["cancelled second"], 2]);
    }));

  test("of a cancelled wait leaves no timer and no waiter behind", () =>
    run(async () => {
      const lock = new Lock();
      await lock.acquire();
      const earlier = getRunningLoop().callLater("1m", () => {});
      const tasks = [createTask(sleep("1h")), createTask(lock.acquire())];
      await sleep(0);
      for (const task of tasks) task.cancel();
      await gaveWay(2);
      expect([getRunningLoop().statistics().timers, lock.statistics().waiters]).toEqual([1, 0]);
      earlier.cancel();
      expect(getRunningLoop().statistics().timers).toBe(0);
    }));

  test("of a task that gives way strikes at that point", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, () => sleep(0)));
      await sleep(0);
      task.cancel("while ready");
      await sleep(0);
      expect(log).toEqual(["cancelled while ready"]);
    }));

  test("of a shield leaves what is inside alone", () =>
    virtually(async () => {
      const inner = createTask(sleep(5, "inner"));
      const outer = createTask((async () => shield(inner))());
      await gaveWay(2);
      outer.cancel();
      await errorOf(outer);
      expect([outer.cancelled(), inner.cancelling(), await inner]).toEqual([true, 0, "inner"]);
    }));

  test("of a gather is handed on to each child", () =>
    virtually(async () => {
      const children = [1, 2].map((n) => createTask(sleep(n * 1000)));
      const outer = createTask((async () => gather(...children))());
      await gaveWay(2);
      outer.cancel("why");
      expect(children.map((child) => child.cancelling())).toEqual([1, 1]);
      await errorOf(outer);
      expect([outer, ...children].map((task) => task.cancelled())).toEqual([true, true, true]);
    }));
});

describe("two cancellations before the task's next step", () => {
  const twice = (task: Task, first?: unknown, second?: unknown): void => void [task.cancel(first), task.cancel(second)];

  test.each([
    ["waits for a future", () => new Future<void>()],
    ["sleeps", () => sleep(1000)],
    ["waits for a lock", () => taken()],
    ["waits for a task", () => createTask(sleep(1000))],
  ])("are one error, and a count of two; the message of the first when it %s", (_, wait) =>
    virtually(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, wait));
      await gaveWay(2);
      twice(task, "first", "second");
      await errorOf(task);
      expect([log, task.cancelling()]).toEqual([["cancelled first"], 2]);
    }),
  );

  /** Waits for a lock that is held. */
  async function taken(): Promise<void> {
    const lock = new Lock();
    await lock.acquire();
    await lock.acquire();
  }

  test("the message of the last when it has not begun, or is ready already", () =>
    run(async () => {
      const log: unknown[] = [];
      const fresh = createTask(noting(log, () => sleep(0)));
      twice(fresh, "first", "second");
      expect((await errorOf(fresh)).message).toBe("second");
      const ready = createTask(noting(log, () => sleep(0)));
      await sleep(0);
      twice(ready, "first", "second");
      await errorOf(ready);
      expect(log).toEqual(["cancelled second"]);
    }));

  test("a second without a message takes the message of the first away, where the last counts", () =>
    run(async () => {
      const task = createTask(sleep(0));
      twice(task, "first");
      expect((await errorOf(task)).message).toBe("");
    }));

  test("a message of an earlier cancellation does not come again", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const stubborn = async (): Promise<void> => {
        for (let i = 0; i < 3; i++) await errorOf(noting(log, () => sleep(1000)));
      };
      const task = createTask(stubborn());
      for (const message of ["one", undefined, "three"]) {
        await sleep(1);
        task.cancel(message);
      }
      await task;
      expect(log).toEqual(["cancelled one", "cancelled", "cancelled three"]);
    }));
});

describe("uncancel()", () => {
  test("counts requests down to nought, and not below", () =>
    run(async () => {
      const task = createTask(sleep(0));
      task.cancel();
      task.cancel();
      expect([task.cancelling(), task.uncancel(), task.uncancel(), task.uncancel(), task.cancelling()]).toEqual([
        2, 1, 0, 0, 0,
      ]);
      await task;
    }));

  test("withdraws what was not delivered yet when it comes to nought", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask(noting(log, () => sleep(0, "ran")));
      task.cancel();
      task.uncancel();
      await task;
      expect(log).toEqual(["ran"]);
    }));

  test("withdraws nothing while a request is left", () =>
    run(async () => {
      const task = createTask(sleep(0, "ran"));
      task.cancel();
      task.cancel();
      expect(task.uncancel()).toBe(1);
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
    }));

  test("does not call back a wait that was given up already", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const tasks = [() => sleep(1000), () => new Future()].map((wait) => createTask(noting(log, wait)));
      await sleep(0);
      for (const task of tasks) expect([task.cancel(), task.uncancel()]).toEqual([true, 0]);
      for (const task of tasks) await errorOf(task);
      expect(log).toEqual(["cancelled", "cancelled"]);
    }));

  test("inside the task takes back the request that it has caught: the next wait goes through", () =>
    virtually(async () => {
      const catching = async (): Promise<string> => {
        await errorOf(sleep(1000));
        expect(currentTask()!.uncancel()).toBe(0);
        return sleep(1, "slept");
      };
      const task = createTask(catching());
      await sleep(0);
      task.cancel();
      expect([await task, task.cancelling()]).toEqual(["slept", 0]);
    }));

  test("of its own request makes a return a return again", () =>
    run(async () => {
      const self = async (): Promise<string> => {
        currentTask()!.cancel();
        currentTask()!.uncancel();
        return "value";
      };
      expect(await createTask(self())).toBe("value");
    }));

  test("after the end changes the count alone", () =>
    run(async () => {
      const task = createTask(sleep(0));
      task.cancel();
      await errorOf(task);
      expect([task.cancelling(), task.uncancel(), task.cancelled()]).toEqual([1, 0, true]);
    }));
});

describe("the CancelledError", () => {
  test("is one object from where it was thrown to each who reads the task", () =>
    virtually(async () => {
      const seen: unknown[] = [];
      const layer = async (depth: number): Promise<void> => {
        try {
          await (depth === 0 ? sleep(1000) : layer(depth - 1));
        } catch (error) {
          seen.push(error);
          throw error;
        }
      };
      const inner = createTask(layer(2));
      const outer = createTask(
        (async () => {
          try {
            await inner;
          } catch (error) {
            seen.push(error);
            throw error;
          }
        })(),
      );
      await gaveWay(2);
      outer.cancel("why");
      seen.push(await errorOf(outer));
      for (const task of [inner, outer]) for (let i = 0; i < 2; i++) expect(() => task.result()).toThrow("why");
      seen.push(await errorOf(inner), await errorOf(outer));
      expect(seen.length).toBe(7);
      expect(new Set(seen).size).toBe(1);
    }));

  test.each([
    [undefined, "", undefined],
    ["text", "text", undefined],
    [5, "5", 5],
    [new Error("reason"), "Error: reason", new Error("reason")],
  ])("carries the message %s", (given, message, cause) =>
    virtually(async () => {
      const tasks = [sleep(1000), new Future<undefined>()].map((wait) => createTask((async () => wait)()));
      await sleep(0);
      for (const task of tasks) task.cancel(given);
      for (const task of tasks) {
        const error = await errorOf(task);
        expect([error.message, error.cause]).toEqual([message, cause]);
        expect(error.code).toBe("TSYNCIO_CANCELLED");
      }
    }),
  );

  test("of a native promise's wait: the outcome that came with it is given, it strikes at the next wait", () =>
    run(async () => {
      const log: unknown[] = [];
      const settled = Promise.resolve("settled");
      const task: Task<void> = createTask(
        (async () => {
          log.push(await settled);
          await noting(log, () => sleep(0));
        })(),
      );
      await sleep(0);
      // The reaction of the promise comes between two turns.
      await fromPromise(Promise.resolve().then(() => task.cancel("meanwhile")));
      expect((await errorOf(task)).message).toBe("meanwhile");
      expect(log).toEqual(["settled", "cancelled meanwhile"]);
    }));
});
