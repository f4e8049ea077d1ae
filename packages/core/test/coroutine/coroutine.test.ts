import {
  type Awaitable,
  ContextVar,
  type Coroutine,
  type CoroutineFunction,
  Future,
  RuntimeError,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  isAwaitable,
  isCoroutine,
  isCoroutineFunction,
  isFuture,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

/** Calls each of the generator's own functions by the driver; `yield*` awaits. */
const on = (main: () => Generator<any, any, any>): Promise<void> => run(coroutine(main));

function fail(message: string): never {
  throw new Error(message);
}

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a coroutine", () => {
  test("is lazy: the call runs nothing, parameters' defaults included", async () => {
    const log: string[] = [];
    const noting = coroutine(function* (x: string) {
      log.push(x);
      yield* sleep(0);
    });
    const co = noting("ran");
    expect([log, co.state, isCoroutine(co)]).toEqual([[], "created", true]);
    await run(co);
    expect([log, co.state]).toEqual([["ran"], "closed"]);
  });

  test("runs at once when it is awaited, in the same task and iteration, and its value is what it returns", () =>
    on(function* () {
      const { iterations } = getRunningLoop().statistics();
      const task = currentTask();
      const inner = coroutine(function* (x: number) {
        expect(currentTask()).toBe(task);
        return x + 1;
      });
      const outer = coroutine(function* (x: number) {
        return (yield* inner(x)) * 10;
      });
      expect(yield* outer(1)).toBe(20);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("gives the very object that it returns: a future is not unwrapped", () =>
    on(function* () {
      const future = new Future<number>();
      future.setResult(1);
      const giving = coroutine(function* () {
        return future;
      });
      expect(yield* giving()).toBe(future);
      expect(yield* createTask(giving())).toBe(future);
    }));

  test("throws into who awaits it what it throws, the same object", () =>
    on(function* () {
      const boom = new Error("boom");
      const failing = coroutine(function* (late: boolean) {
        if (late) yield* sleep(0);
        throw boom;
      });
      for (const late of [false, true]) {
        let caught: unknown;
        try {
          yield* failing(late);
        } catch (error) {
          caught = error;
        }
        expect(caught).toBe(boom);
      }
    }));

  test("can be awaited once, while it runs and after it ended", () =>
    on(function* () {
      const waiting = coroutine(function* fetchData() {
        yield* sleep(0);
        return 1;
      });
      const co = waiting();
      expect(yield* co).toBe(1);
      const message =
        'Cannot await coroutine "fetchData": it has already been awaited; call fetchData() again for a new one';
      expect(() => co[Symbol.iterator]()).toThrow(message);
      const second = waiting();
      const task = createTask(second);
      expect(() => createTask(second)).toThrow(message);
      expect(() => createTask(co)).toThrow(RuntimeError);
      yield* sleep(0);
      let caught: unknown;
      try {
        yield second;
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toBe(message);
      expect(yield* task).toBe(1);
    }));

  test("a sleep is awaited once too", () =>
    on(function* () {
      const pause = sleep(1, "value");
      expect(yield* pause).toBe("value");
      let caught: unknown;
      try {
        yield* pause;
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toBe("Cannot await sleep: it has already been awaited; call it again");
    }));

  test("tells its state at every stage", () =>
    on(function* () {
      const states: string[] = [];
      const own: { co?: Coroutine<void> } = {};
      const telling = coroutine(function* () {
        states.push(own.co!.state);
        yield* sleep(0);
        states.push(own.co!.state);
      });
      const co = (own.co = telling());
      states.push(co.state);
      const task = createTask(co);
      yield* sleep(0);
      states.push(co.state);
      yield* task;
      states.push(co.state);
      expect(states).toEqual(["created", "running", "suspended", "running", "closed"]);
      const failing = coroutine(function* () {
        throw new Error("boom");
      });
      const failed = failing();
      yield createTask(failed).catch(() => {});
      expect(failed.state).toBe("closed");
    }));

  test("is named by its function", () => {
    const named = coroutine(function* fetchData() {});
    const [co, other] = [named(), coroutine(function* (_a: number, _b: number) {})(1, 2)];
    expect([co.name, other.name]).toEqual(["fetchData", "anonymous"]);
    expect([named.name, named.length]).toEqual(["fetchData", 0]);
    expect(coroutine(function* (_a: number, _b: number) {}).length).toBe(2);
    expect(Object.prototype.toString.call(co)).toBe("[object Coroutine]");
    co.close();
    other.close();
    expect(sleep(1).name).toBe("sleep");
  });

  test("keeps `this` and the types of its function", () => {
    class Account {
      #balance = 0;
      deposit = coroutine(function* (this: Account, amount: number): Generator<any, number, any> {
        yield* sleep(0);
        return (this.#balance += amount);
      });
    }
    const deposit: CoroutineFunction<[number], number> = new Account().deposit;
    expectTypeOf(deposit).returns.toEqualTypeOf<Coroutine<number>>();
    expectTypeOf<Coroutine<number>>().toExtend<Awaitable<number>>();
    return run(new Account().deposit(5)).then((balance) => expect(balance).toBe(5));
  });
});

describe("close()", () => {
  test("of one that has not begun: it never will", async () => {
    const log: string[] = [];
    const noting = coroutine(function* noting() {
      log.push("ran");
    });
    const co = noting();
    co.close();
    co.close();
    expect(co.state).toBe("closed");
    expect((await errorOf(run(co))).message).toContain('"noting": it has already been awaited');
    expect(log).toEqual([]);
  });

  test("of one that is suspended runs the finally blocks, those of what it awaits first", () => {
    const log: string[] = [];
    const inner = coroutine(function* () {
      try {
        yield* new Future({ loop });
      } catch {
        log.push("not seen by catch");
      } finally {
        log.push("inner");
      }
    });
    const outer = coroutine(function* () {
      try {
        yield* inner();
      } finally {
        log.push("outer");
      }
    });
    const loop = newEventLoop();
    const co = outer();
    co.send();
    expect(co.state).toBe("suspended");
    co.close();
    expect([log, co.state]).toEqual([["inner", "outer"], "closed"]);
    co.close();
    expect(log.length).toBe(2);
  });

  test("of one that waits again in its finally block is refused", () => {
    const clinging = coroutine(function* clinging() {
      try {
        yield* sleep(0);
      } finally {
        yield* sleep(0);
      }
    });
    const co = clinging();
    co.send();
    expect(() => co.close()).toThrow('Cannot close coroutine "clinging": it waited again in a finally block');
  });

  test("of one that runs is refused, and it runs on", () =>
    on(function* () {
      const own: { co?: Coroutine<string> } = {};
      const closing = coroutine(function* closing() {
        expect(() => own.co!.close()).toThrow(RuntimeError);
        expect(() => own.co!.close()).toThrow('Cannot close coroutine "closing": it is running');
        yield* sleep(0);
        return own.co!.state;
      });
      own.co = closing();
      expect(yield* own.co).toBe("running");
    }));

  test("gives the error of a finally block", () => {
    const failing = coroutine(function* () {
      try {
        yield* sleep(0);
      } finally {
        fail("in finally");
      }
    });
    const co = failing();
    co.send();
    expect(() => co.close()).toThrow("in finally");
    expect(co.state).toBe("closed");
  });

  test("of one that a task is in: the task gets a RuntimeError when it goes on", () =>
    on(function* () {
      const log: string[] = [];
      const inner = coroutine(function* inner() {
        try {
          yield* sleep(1000);
        } finally {
          log.push("inner");
        }
      });
      const middle = coroutine(function* middle(co: Coroutine<void>) {
        try {
          yield* co;
        } finally {
          log.push("middle");
        }
      });
      const outer = coroutine(function* outer(co: Coroutine<void>) {
        try {
          yield* co;
        } catch (error) {
          log.push((error as Error).message);
        }
        return "went on";
      });
      const co = middle(inner());
      const task = createTask(outer(co));
      yield* sleep(0);
      expect(getRunningLoop().statistics().timers).toBe(1);
      co.close();
      expect([log, task.done(), co.state]).toEqual([["inner", "middle"], false, "closed"]);
      expect(yield* task).toBe("went on");
      expect(log[2]).toBe(
        'Cannot await coroutine "middle": it has already been awaited; call middle() again for a new one',
      );
      expect(getRunningLoop().statistics().timers).toBe(0);
    }));

  test.each(["result", "cancellation"])("of one whose task waits for a future leaves that alone, until the %s", (end) =>
    on(function* () {
      const future = new Future<number>();
      const waiting = coroutine(function* waiting() {
        return yield* future;
      });
      const task = createTask(waiting());
      yield* sleep(0);
      task.getCoro()!.close();
      yield* sleep(0);
      expect([task.done(), future.done()]).toEqual([false, false]);
      if (end === "result") future.setResult(1);
      else task.cancel();
      let caught: unknown;
      try {
        yield* task;
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toContain('"waiting": it has already been awaited');
    }),
  );

  test("of one whose task has not begun: its body never runs", () =>
    on(function* () {
      const log: string[] = [];
      const noting = coroutine(function* () {
        log.push("ran");
      });
      const task = createTask(noting());
      task.getCoro()!.close();
      let caught: unknown;
      try {
        yield* task;
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(RuntimeError);
      expect(log).toEqual([]);
    }));

  test("an error of an inner finally block goes through those around it", () => {
    const log: string[] = [];
    const inner = coroutine(function* () {
      try {
        yield* sleep(0);
      } finally {
        fail("inner");
      }
    });
    const catching = coroutine(function* () {
      try {
        yield* inner();
      } catch (error) {
        log.push((error as Error).message);
        fail("outer");
      }
    });
    const co = catching();
    co.send();
    expect(() => co.close()).toThrow("outer");
    expect(log).toEqual(["inner"]);
  });

  test("of one that is over does nothing", async () => {
    const co = coroutine(function* () {})();
    await run(co);
    co.close();
    expect(co.state).toBe("closed");
  });
});

describe("by hand", () => {
  const counting = coroutine(function* counting() {
    const log = ["begun"];
    yield* sleep(0);
    log.push("went on");
    try {
      yield* sleep(0);
    } catch (error) {
      log.push((error as Error).message);
    }
    return log;
  });

  test("send() goes from one wait to the next and gives the result at the end", () => {
    const co = counting();
    expect([co.send(), co.send()]).toEqual([
      { done: false, value: undefined },
      { done: false, value: undefined },
    ]);
    expect(co.send()).toEqual({ done: true, value: ["begun", "went on"] });
    expect(co.state).toBe("closed");
    expect(() => co.send()).toThrow('Cannot send to coroutine "counting": it has already been awaited');
  });

  test("throw() throws in where it waits", () => {
    const co = counting();
    co.send();
    co.send();
    expect(co.throw(new Error("thrown in"))).toEqual({ done: true, value: ["begun", "went on", "thrown in"] });
    const uncaught = counting();
    uncaught.send();
    expect(() => uncaught.throw(new Error("thrown in"))).toThrow("thrown in");
    expect(uncaught.state).toBe("closed");
  });

  test("throw() before its begin ends it without running it", () => {
    const log: string[] = [];
    const co = coroutine(function* () {
      log.push("ran");
    })();
    expect(() => co.throw(new Error("at once"))).toThrow("at once");
    expect([log, co.state]).toEqual([[], "closed"]);
  });

  test("an error leaves it where send() was called", () => {
    const co = coroutine(function* () {
      yield* sleep(0);
      throw new RangeError("boom");
    })();
    co.send();
    expect(() => co.send()).toThrow("boom");
  });

  test("throw() goes to the innermost that it awaits", () => {
    const log: string[] = [];
    const inner = coroutine(function* () {
      try {
        yield* sleep(0);
      } catch (error) {
        log.push(`inner ${(error as Error).message}`);
        fail("again");
      }
    });
    const outer = coroutine(function* () {
      try {
        yield* inner();
      } catch (error) {
        log.push(`outer ${(error as Error).message}`);
      }
      return "end";
    });
    const co = outer();
    co.send();
    expect(co.throw(new Error("in"))).toEqual({ done: true, value: "end" });
    expect(log).toEqual(["inner in", "outer again"]);
  });

  test("what a wait needs is given: it can be awaited by the one who drives", async () => {
    const loop = newEventLoop();
    const future = loop.createFuture<string>();
    const co = coroutine(function* () {
      return yield* future;
    })();
    const driving = coroutine(function* () {
      const { done, value } = co.send();
      expect(done).toBe(false);
      expect(isFuture(value)).toBe(true);
      loop.callLater(1, () => future.setResult("came"));
      yield value;
      return co.send();
    });
    expect(await loop.runUntilComplete(driving())).toEqual({ done: true, value: "came" });
    loop.close();
  });

  test("it is nobody's current task, and the one who drives stays what he was", () =>
    on(function* () {
      const task = currentTask();
      const co = coroutine(function* () {
        const seen = currentTask();
        yield* sleep(0);
        return seen;
      })();
      co.send();
      expect(currentTask()).toBe(task);
      expect(co.send()).toEqual({ done: true, value: null });
      expect(currentTask()).toBe(task);
    }));

  test("it runs in the context of the one who drives", () => {
    const variable = new ContextVar<string>("v", { default: "none" });
    const setting = coroutine(function* () {
      const seen = variable.get();
      variable.set("by the coroutine");
      yield* sleep(0);
      return [seen, variable.get()];
    });
    return on(function* () {
      // A task of its own, without any variable yet.
      const driving = coroutine(function* () {
        const co = setting();
        co.send();
        const between = variable.get();
        variable.set("between");
        return [between, co.send().value];
      });
      expect(yield* createTask(driving())).toEqual(["by the coroutine", ["none", "between"]]);
      expect(variable.get()).toBe("none");
    });
  });

  test("one that a task runs cannot be driven", () =>
    on(function* () {
      const co = counting();
      const task = createTask(co);
      yield* sleep(0);
      expect(() => co.send()).toThrow(RuntimeError);
      yield* task;
    }));
});

describe("what can be awaited", () => {
  test("a plain value is given back at once", () =>
    on(function* () {
      const { iterations } = getRunningLoop().statistics();
      const object = { then: 5 };
      const method = (): void => {};
      for (const value of [1, "text", null, true, Symbol.iterator, object, method]) expect(yield value).toBe(value);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("`yield` of anything that can be awaited is the untyped await", () =>
    on(function* () {
      const failing = coroutine(function* () {
        throw new Error("boom");
      });
      const future = new Future<string>();
      getRunningLoop().callSoon(() => future.setResult("future"));
      expect([
        yield sleep(0, "sleep"),
        yield future,
        yield Promise.resolve("promise"),
        yield createTask(sleep(0, "t")),
      ]).toEqual(["sleep", "future", "promise", "t"]);
      let caught: unknown;
      try {
        yield failing();
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toBe("boom");
    }));

  test("an empty `yield` gives way for one iteration", () =>
    on(function* () {
      const { iterations } = getRunningLoop().statistics();
      yield;
      yield undefined;
      expect(getRunningLoop().statistics().iterations).toBe(iterations + 2);
    }));

  test("isCoroutine, isFuture and isAwaitable tell what is what", () => {
    const loop = newEventLoop();
    const co = sleep(0);
    const future = loop.createFuture();
    const generator = (function* () {})();
    const thenable = { then() {} };
    const values = [co, future, Promise.resolve(), thenable, generator, {}, null, undefined, 1, () => {}, Future];
    expect(values.map(isCoroutine)).toEqual(values.map((value) => value === co));
    expect(values.map(isFuture)).toEqual(values.map((value) => value === future));
    expect(values.map(isAwaitable)).toEqual([true, true, true, true, ...Array<boolean>(7).fill(false)]);
  });

  test("isCoroutineFunction knows the functions that coroutine() made", () => {
    expect(isCoroutineFunction(coroutine(function* () {}))).toBe(true);
    for (const other of [function* () {}, () => {}, async () => {}, null, undefined, {}, class {}])
      expect(isCoroutineFunction(other)).toBe(false);
  });

  test("coroutine() wants a function", () => {
    expect(() => coroutine(5 as any)).toThrow(
      "Cannot make a coroutine function: expected a generator function, received 5",
    );
  });
});

describe("a coroutine function in the place of its coroutine", () => {
  const fetchData = coroutine(function* fetchData() {});

  test("awaited: a TypeError tells to call it", () =>
    on(function* () {
      let caught: unknown;
      try {
        yield fetchData;
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(TypeError);
      expect((caught as Error).message).toBe(
        "Cannot await fetchData: received the coroutine function itself; call it: fetchData()",
      );
    }));

  test("as a task, or where something is to be awaited", () => {
    const loop = newEventLoop();
    expect(() => loop.createTask(fetchData as never)).toThrow(
      "Cannot create task: expected a coroutine, received the function fetchData; call it: fetchData()",
    );
    expect(() => loop.createTask(fetchData as never)).toThrow(TypeError);
  });

  test("as a callback, which would never start it", () => {
    const loop = newEventLoop();
    const future = loop.createFuture();
    for (const act of [
      () => loop.callSoon(fetchData),
      () => loop.callSoonThreadsafe(fetchData),
      () => loop.callLater(1, fetchData),
      () => loop.callAt(1, fetchData),
      () => future.addDoneCallback(fetchData),
    ])
      expect(act).toThrow(TypeError);
    expect(() => loop.callSoon(fetchData)).toThrow(
      "Cannot callSoon(): fetchData() is a coroutine function, which a plain call never starts; pass spawning(fn) or call createTask()",
    );
    expect(() => future.addDoneCallback(fetchData)).toThrow(
      "Cannot add done callback: fetchData() is a coroutine function, which a plain call never starts; pass spawning(fn)",
    );
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });
  });
});
