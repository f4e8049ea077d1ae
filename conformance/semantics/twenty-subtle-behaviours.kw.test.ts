import {
  Barrier,
  CancelledError,
  Condition,
  type EventLoop,
  type Executor,
  Future,
  type Host,
  type Interrupt,
  KeyboardInterrupt,
  Lock,
  Queue,
  Semaphore,
  type Timeout,
  TimeoutError,
  asCompleted,
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
  waitFor,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay, iterationsFromHere } from "./iterations.ts";

test("1. One iteration runs only what was ready at its start, in this order: what was ready, what the host has brought, timers; callLater(0) comes after callSoon()", () => {
  const host = new VirtualHost();
  return program(
    async ({ loop, log }) => {
      const note = (line: string): void => void log.push(line);
      host.schedule(() => {
        loop.callLater(0, note, "the timer");
        loop.callSoonThreadsafe(() => {
          note("was ready");
          loop.callSoon(note, "was added meanwhile");
        });
      });
      host.schedule(() => void loop.callSoonThreadsafe(note, "from the host"));
      await sleep(1);
      expect(log.splice(0)).toEqual(["was ready", "from the host", "the timer", "was added meanwhile"]);
      loop.callLater(0, note, "callLater(0)");
      loop.callSoon(note, "callSoon()");
      await giveWay(3);
      expect(log).toEqual(["callSoon()", "callLater(0)"]);
    },
    { host },
  );
});

test("2. Done callbacks never run inline, not even on a future that is done: all of them go through the loop, in the order in which they were added", () =>
  program(async ({ loop, log }) => {
    const note = (line: string) => (): void => void log.push(line);
    const future = loop.createFuture<void>();
    future.addDoneCallback(note("first"));
    const waiter = createTask((async () => (await future, log.push("a task that waits")))());
    await sleep(0);
    future.addDoneCallback(note("second"));
    loop.callSoon(note("ready before"));
    future.setResult();
    log.push("set");
    future.addDoneCallback(note("added when it is done"));
    loop.callSoon(note("ready after"));
    log.push("added");
    await waiter;
    await sleep(0);
    const inTheNextIteration = [
      "ready before",
      "first",
      "a task that waits",
      "second",
      "added when it is done",
      "ready after",
    ];
    expect(log).toEqual(["set", "added", ...inTheNextIteration]);
  }));

test("3. cancel() is a request: the count goes up, and it is kept for the next step or handed on; cancelled() is true only when the coroutine has ended", () =>
  program(async () => {
    const cleaningUp = async (): Promise<void> => {
      try {
        await sleep(10_000);
      } finally {
        await giveWay(2);
      }
    };
    const inner = createTask(cleaningUp());
    const outer = createTask((async () => inner)());
    await giveWay(2);
    const fresh = createTask(sleep(10_000));
    for (const task of [outer, fresh]) {
      expect([task.cancel(), task.cancelling(), task.cancelled(), task.done()]).toEqual([true, 1, false, false]);
    }
    expect(inner.cancelling()).toBe(1);
    await sleep(0);
    expect([fresh, inner, outer].map((task) => task.cancelled())).toEqual([true, false, false]);
    expect(await thrownBy(outer)).toBeInstanceOf(CancelledError);
    expect([inner.cancelled(), outer.cancelled(), outer.cancel(), outer.cancelling()]).toEqual([true, true, false, 1]);
  }));

test("4. A cancellation that comes after a future has its result and before the task's step beats the result; locks, semaphores, queues and conditions give back what they had granted", () =>
  program(async ({ log }) => {
    const user = async (name: string, waiting: PromiseLike<unknown>): Promise<void> => {
      try {
        const got = await waiting;
        log.push(typeof got === "string" ? `${name} got ${got}` : `${name} had its turn`);
      } catch (error) {
        log.push(`${name} was cancelled`);
        throw error;
      }
    };
    /** Two tasks wait; what the first is waiting for comes, and it is cancelled. */
    const race = async (
      name: string,
      waiting: () => PromiseLike<unknown>,
      grant: () => PromiseLike<void> | void,
    ): Promise<void> => {
      const first = createTask(user(`${name} 1`, waiting()));
      const second = createTask(user(`${name} 2`, waiting()));
      await sleep(0);
      await grant();
      first.cancel();
      expect(await thrownBy(first)).toBeInstanceOf(CancelledError);
      await second;
    };

    const future = new Future<string>();
    const waiter = createTask(user("future", future));
    await sleep(0);
    future.setResult("value");
    waiter.cancel();
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);

    const lock = new Lock();
    await lock.acquire();
    await race(
      "lock",
      () => lock.acquire(),
      () => lock.release(),
    );
    const semaphore = new Semaphore(0);
    await race(
      "semaphore",
      () => semaphore.acquire(),
      () => semaphore.release(),
    );
    const items = new Queue<string>();
    await race(
      "get",
      () => items.get(),
      () => items.putNowait("item"),
    );
    const places = new Queue<string>(1);
    places.putNowait("before");
    const values = ["one", "two"];
    await race(
      "put",
      () => places.put(values.shift() as string),
      () => void places.getNowait(),
    );
    const condition = new Condition();
    const notified = async (): Promise<void> => {
      using _guard = await condition.acquire();
      await condition.wait();
    };
    await race("condition", notified, async () => {
      using _guard = await condition.acquire();
      condition.notify();
    });

    expect(log).toEqual([
      "future was cancelled",
      "lock 1 was cancelled",
      "lock 2 had its turn",
      "semaphore 1 was cancelled",
      "semaphore 2 had its turn",
      "get 1 was cancelled",
      "get 2 got item",
      "put 1 was cancelled",
      "put 2 had its turn",
      "condition 1 was cancelled",
      "condition 2 had its turn",
    ]);
    expect([lock.locked(), semaphore.statistics().value, items.qsize(), places.getNowait()]).toEqual([
      true,
      0,
      0,
      "two",
    ]);
  }));

test("5. A cancellation that a coroutine has not heard of when it returns makes its task cancelled; when it throws, its own error wins", () =>
  program(async () => {
    const returning = async (): Promise<string> => {
      currentTask()!.cancel("why");
      return "value";
    };
    const throwing = async (): Promise<never> => {
      currentTask()!.cancel("why");
      throw new RangeError("its own");
    };
    const returned = createTask(returning());
    const thrown = createTask(throwing());
    expect([await thrownBy(returned), await thrownBy(thrown)]).toEqual([
      new CancelledError("why"),
      new RangeError("its own"),
    ]);
    expect([returned, thrown].map((task) => [task.cancelled(), task.cancelling()])).toEqual([
      [true, 1],
      [false, 1],
    ]);
  }));

test("6. Two cancellations before a step are one CancelledError and a count of two; uncancel() down to nought withdraws what was not delivered; cancelling one of those who await a bare future cancels it for all", () =>
  program(async ({ log }) => {
    const goingOn = async (): Promise<string> => {
      log.push(await thrownBy(sleep(10_000)));
      await giveWay(3);
      return "went on";
    };
    const twice = createTask(goingOn());
    await sleep(0);
    twice.cancel();
    twice.cancel();
    expect([await twice, log.splice(0), twice.cancelling()]).toEqual(["went on", [new CancelledError()], 2]);

    const withdrawn = createTask(sleep(0, "ran"));
    withdrawn.cancel();
    withdrawn.cancel();
    expect([withdrawn.uncancel(), withdrawn.uncancel(), await withdrawn]).toEqual([1, 0, "ran"]);

    const future = new Future<void>();
    const [one, another] = [0, 1].map(() => createTask((async () => future)()));
    await sleep(0);
    one.cancel("why");
    expect([await thrownBy(one), await thrownBy(another)]).toEqual([
      new CancelledError("why"),
      new CancelledError("why"),
    ]);
    expect([future.cancelled(), another.cancelled(), another.cancelling()]).toEqual([true, true, 0]);
  }));

test("7. Awaiting a future that is done does not suspend, and does not deliver a cancellation that is pending", () =>
  program(async ({ loop, log }) => {
    const future = loop.createFuture<string>();
    future.setResult("the result");
    const task = createTask(
      (async () => {
        currentTask()!.cancel("pending");
        loop.callSoon(() => log.push("the next iteration"));
        log.push(await future, await future);
        await sleep(0);
      })(),
    );
    expect(await thrownBy(task)).toEqual(new CancelledError("pending"));
    expect(log).toEqual(["the result", "the result", "the next iteration"]);
  }));

test("8. The future of gather() is never cancelled(); a child that is cancelled fails it and leaves the others alone; a cancellation that was asked for comes even when the children swallow it", () =>
  program(async () => {
    const swallowing = async (): Promise<string> => {
      await thrownBy(sleep(10_000));
      return "swallowed";
    };
    const asked = gather(swallowing(), swallowing());
    await sleep(0);
    expect(asked.cancel()).toBe(true);
    expect([await thrownBy(asked), asked.cancelled()]).toEqual([new CancelledError(), false]);

    const cancelled = createTask(sleep(10_000));
    const sibling = createTask(sleep(10, "goes on"));
    const all = gather(cancelled, sibling);
    await sleep(0);
    cancelled.cancel("the child");
    expect(await thrownBy(all)).toEqual(new CancelledError("the child"));
    expect([all.cancelled(), all.exception(), sibling.done(), sibling.cancelling()]).toEqual([
      false,
      new CancelledError("the child"),
      false,
      0,
    ]);
    expect(await sibling).toBe("goes on");
  }));

test("9. waitFor() runs a coroutine in the current task; with a limit of nought or less it never starts it; a body that swallows the cancellation gives its value", () =>
  program(async ({ log }) => {
    const caller = currentTask();
    expect(await waitFor((async () => currentTask() === caller)(), 10_000)).toBe(true);
    const started = async (): Promise<void> => void log.push("started");
    for (const limit of [0, -1]) expect(await thrownBy(waitFor(started(), limit))).toBeInstanceOf(TimeoutError);
    expect(log).toEqual([]);
    const swallowing = async (): Promise<string> => {
      await thrownBy(sleep(10_000));
      return "all the same";
    };
    expect(await waitFor(swallowing(), 5)).toBe("all the same");
  }));

test("10. A timeout throws TimeoutError only if the requests are no more than they were when it began: in a cleanup it does, beside another cancellation it does not, and of equal deadlines the outermost does", () =>
  program(async ({ loop, log }) => {
    const forever = async (): Promise<void> => void (await sleep(10_000));
    const cleaningUp = createTask(
      (async () => {
        try {
          await forever();
        } finally {
          log.push(currentTask()!.cancelling(), await thrownBy(timeout(5, forever)), currentTask()!.cancelling());
        }
      })(),
    );
    await sleep(0);
    cleaningUp.cancel();
    expect(await thrownBy(cleaningUp)).toBeInstanceOf(CancelledError);
    expect(log.splice(0)).toEqual([1, new TimeoutError(), 1]);

    const limited = createTask(timeout(5, forever));
    await sleep(0);
    limited.cancel("from elsewhere");
    expect(await thrownBy(limited)).toEqual(new CancelledError("from elsewhere"));

    const when = loop.time() + 5;
    const limits: Timeout[] = [];
    const nested = timeoutAt(when, async (outer) => {
      limits.push(outer);
      const error = await thrownBy(timeoutAt(when, async (inner) => (limits.push(inner), await forever())));
      log.push(error);
      throw error;
    });
    expect(await thrownBy(nested)).toBeInstanceOf(TimeoutError);
    expect(log).toEqual([new CancelledError()]);
    expect([limits.map((limit) => limit.expired()), currentTask()!.cancelling()]).toEqual([[true, true], 0]);
  }));

test("11. In a task group errors beat the cancellation of its parent; that is asked for anew, so that the count stays and the next wait throws", () =>
  program(async ({ log }) => {
    const failing = async (): Promise<never> => {
      await thrownBy(sleep(10_000));
      throw new RangeError("in its cleanup");
    };
    const grouped = async (): Promise<void> => {
      const error = await thrownBy(taskGroup(async (tg) => void tg.createTask(failing())));
      log.push(error, currentTask()!.cancelling());
      try {
        await sleep(0);
      } finally {
        log.push("the next wait", currentTask()!.cancelling());
      }
    };
    const parent = createTask(grouped());
    await giveWay(2);
    parent.cancel("why");
    expect(await thrownBy(parent)).toBeInstanceOf(CancelledError);
    expect(log).toEqual([
      expect.objectContaining({ name: "ExceptionGroup", errors: [new RangeError("in its cleanup")] }),
      1,
      "the next wait",
      1,
    ]);
    expect(parent.cancelled()).toBe(true);
  }));

test("12. A task group that waits for its tasks ignores further cancellations, throws KeyboardInterrupt by itself, and takes no notice of a task that is cancelled on its own", () =>
  program(async ({ log }) => {
    const stubborn = async (): Promise<void> => {
      await thrownBy(sleep(10_000));
      await giveWay(6);
      log.push("the task has ended");
    };
    const parent = createTask(taskGroup(async (tg) => void tg.createTask(stubborn())));
    await giveWay(2);
    for (const message of ["first", "second", "third"]) {
      parent.cancel(message);
      await sleep(0);
    }
    expect([await thrownBy(parent), log.splice(0), parent.cancelling()]).toEqual([
      new CancelledError("first"),
      ["the task has ended"],
      3,
    ]);

    const failing = async (): Promise<never> => {
      await thrownBy(sleep(10_000));
      throw new RangeError("comes second");
    };
    const interrupted = taskGroup(async (tg) => {
      tg.createTask(failing());
      await sleep(0);
      throw new KeyboardInterrupt("by itself");
    });
    expect(await thrownBy(interrupted)).toEqual(new KeyboardInterrupt("by itself"));

    const cancelsItself = async (): Promise<never> => {
      throw new CancelledError("on its own");
    };
    await taskGroup(async (tg) => {
      const sibling = tg.createTask(sleep(5, "goes on"));
      const alone = [tg.createTask(cancelsItself()), tg.createTask(sleep(10_000))];
      alone[1].cancel();
      log.push(await sibling, ...alone.map((task) => task.cancelled()));
    });
    expect(log).toEqual(["goes on", true, true]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("13. Releasing a lock does not hand it over: until the woken task has its step nobody holds it; it is fair because newcomers stand in line behind whoever waits", () =>
  program(async ({ log }) => {
    const lock = new Lock();
    await lock.acquire();
    const use = async (name: string): Promise<void> => {
      using _guard = await lock.acquire();
      log.push(name);
      await sleep(0);
    };
    const waiter = createTask(use("waited"));
    await sleep(0);
    lock.release();
    log.push(`held after the release: ${lock.locked()}`);
    const newcomer = createTask(use("came after the release"));
    await use("asked again at once");
    await gather(waiter, newcomer);
    expect(log).toEqual(["held after the release: false", "waited", "asked again at once", "came after the release"]);
  }));

test("14. Condition.wait() always takes the lock again; it puts off any number of cancellations until it has it, then throws the last one, the same object, and passes the notification on", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const waits = async (name: string): Promise<void> => {
      using _guard = await condition.acquire();
      try {
        await condition.wait();
        log.push(`${name} was notified`);
      } catch (error) {
        log.push(error, `${name} holds the lock: ${condition.locked()}`);
        throw error;
      }
    };
    const cancelled = createTask(waits("a"));
    const other = createTask(waits("b"));
    await sleep(0);
    await condition.acquire();
    condition.notify();
    await sleep(0);
    for (const message of ["one", "two"]) {
      cancelled.cancel(message);
      await giveWay(2);
    }
    expect([log, cancelled.done()]).toEqual([[], false]);
    condition.release();
    const error = await thrownBy(cancelled);
    await other;
    expect(log).toEqual([new CancelledError("two"), "a holds the lock: true", "b was notified"]);
    expect(log[0]).toBe(error);
  }));

test("15. A semaphore gives its unit away at the release; it is locked() while a task that was granted one has not had its step", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(0);
    const take = async (name: string): Promise<void> => {
      await semaphore.acquire();
      log.push(name);
    };
    const waiters = ["first", "second"].map((name) => createTask(take(name)));
    await sleep(0);
    for (let i = 0; i < 3; i++) semaphore.release();
    log.push(semaphore.statistics().value, semaphore.locked());
    const newcomer = createTask(take("newcomer"));
    await gather(...waiters, newcomer);
    log.push(semaphore.statistics().value, semaphore.locked());
    expect(log).toEqual([1, true, "first", "second", "newcomer", 0, true]);
  }));

test("16. To be woken by a queue promises nothing: the task looks again, and waits again at the end of the line; cancelled after it was woken, it wakes the next", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>();
    const get = async (name: string): Promise<void> => void log.push(`${name} got ${await queue.get()}`);
    const first = createTask(get("first"));
    const second = createTask(get("second"));
    await sleep(0);
    queue.putNowait(1);
    log.push(`taken in between: ${queue.getNowait()}`);
    await giveWay(2);
    expect([first.done(), queue.statistics().getters]).toEqual([false, 2]);
    queue.putNowait(2);
    queue.putNowait(3);
    await gather(first, second);

    const cancelled = createTask(get("cancelled"));
    const next = createTask(get("next"));
    await sleep(0);
    queue.putNowait(4);
    cancelled.cancel();
    await next;
    expect(log).toEqual(["taken in between: 1", "second got 2", "first got 3", "next got 4"]);
    expect(cancelled.cancelled()).toBe(true);
  }));

test("17. Of those who pass a barrier the last to arrive returns first; while they leave it holds newcomers back; a cancelled task does not break it", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(2);
    const pass = async (name: string): Promise<void> => void log.push(`${name} ${await barrier.wait()}`);
    const cancelled = createTask(pass("cancelled"));
    await sleep(0);
    cancelled.cancel();
    expect(await thrownBy(cancelled)).toBeInstanceOf(CancelledError);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);

    const tasks = ["a", "b", "newcomer"].map((name) => createTask(pass(name)));
    await sleep(0);
    log.push(barrier.statistics().state);
    await giveWay(2);
    log.push(barrier.nWaiting);
    await gather(...tasks, pass("d"));
    expect(log).toEqual(["b 1", "draining", "a 0", 1, "d 1", "newcomer 0"]);
  }));

test("18. What the plain iteration of asCompleted() gives is tied to none of the arguments; the timeout throws for each that is left, and cancels nothing", () =>
  program(async ({ log }) => {
    const [slow, quick] = asCompleted([sleep(30, "slow"), sleep(10, "quick")]);
    log.push(await slow, await quick);
    const tasks = [sleep(1, "quick"), sleep(10_000), sleep(10_000)].map((co) => createTask<unknown>(co));
    for (const next of asCompleted(tasks, { timeout: 10 })) {
      try {
        log.push(await next);
      } catch (error) {
        log.push(error);
      }
    }
    expect(log).toEqual(["quick", "slow", "quick", new TimeoutError(), new TimeoutError()]);
    expect(tasks.map((task) => [task.done(), task.cancelling()])).toEqual([
      [true, 0],
      [false, 0],
      [false, 0],
    ]);
    for (const task of tasks) task.cancel();
    await sleep(0);
  }));

test("19. run() cleans up in this order: all tasks are cancelled and awaited, then async generators, the executor, the loop; a signal becomes KeyboardInterrupt only if main ended cancelled by nothing else", async () => {
  const log: string[] = [];
  let interrupt!: Interrupt;
  class InterruptibleHost extends VirtualHost implements Host {
    onInterrupt(listener: Interrupt): () => void {
      interrupt = listener;
      return () => {};
    }
  }
  const loopFactory = (): EventLoop => {
    const loop = newEventLoop({ host: new InterruptibleHost() });
    const close = loop.close.bind(loop);
    loop.close = () => (log.push("the loop"), close());
    return loop;
  };
  const options = { loopFactory };
  const executor: Executor = {
    submit: (fn, ...args) => Promise.resolve(fn(...args)) as never,
    shutdown: () => void log.push("the executor"),
  };
  const endless = async (): Promise<void> => {
    try {
      await sleep(10_000);
    } finally {
      await sleep(0);
      log.push("a task");
    }
  };
  const numbers = (async function* () {
    try {
      yield 1;
    } finally {
      log.push("the generator");
    }
  })();
  const main = async (): Promise<string> => {
    getRunningLoop().setDefaultExecutor(executor);
    await numbers.next();
    for (let i = 0; i < 2; i++) createTask(endless());
    await sleep(1);
    return "the result";
  };
  expect(await run(main(), options)).toBe("the result");
  expect(log).toEqual(["a task", "a task", "the generator", "the executor", "the loop"]);

  const interrupted = async (end: (error: unknown) => string, alsoCancelled = false): Promise<string> => {
    const main = currentTask()!;
    getRunningLoop().callSoon(() => {
      interrupt("SIGINT");
      if (alsoCancelled) main.cancel();
    });
    try {
      return await sleep(10_000, "not interrupted");
    } catch (error) {
      return end(error);
    }
  };
  const rethrow = (error: unknown): never => {
    throw error;
  };
  expect(await thrownBy(run(interrupted(rethrow), options))).toBeInstanceOf(KeyboardInterrupt);
  expect(await thrownBy(run(interrupted(rethrow, true), options))).toBeInstanceOf(CancelledError);
  expect(
    await thrownBy(
      run(
        interrupted(() => rethrow(new RangeError("its own"))),
        options,
      ),
    ),
  ).toEqual(new RangeError("its own"));
  expect(
    await run(
      interrupted(() => "swallowed"),
      options,
    ),
  ).toBe("swallowed");
});

test("20. Coroutines nest without an iteration, each boundary of tasks costs one, and a generator coroutine gives the very future that it returns, where async functions await it as JavaScript has it", () =>
  program(async ({ log }) => {
    let iterations = iterationsFromHere();
    const nested = async (depth: number): Promise<number> => (depth === 0 ? iterations() : await nested(depth - 1));
    expect([await nested(10), iterations()]).toEqual([0, 0]);

    const future = new Future<string>();
    const layer = async (name: string, inner: () => PromiseLike<unknown>): Promise<void> => {
      await inner();
      log.push([name, iterations()]);
    };
    const leaf = (): PromiseLike<void> => createTask(layer("leaf", () => future));
    const middle = (): PromiseLike<void> => createTask(layer("middle", leaf));
    const outer = createTask(layer("outer", middle));
    await giveWay(5);
    iterations = iterationsFromHere();
    future.setResult("value");
    await outer;
    log.push(["main", iterations()]);
    expect(log).toEqual([
      ["leaf", 1],
      ["middle", 2],
      ["outer", 3],
      ["main", 4],
    ]);

    const returning = coroutine(function* returning() {
      return future;
    });
    const compare = coroutine(function* compare() {
      const [awaited, ofTask] = [yield* returning(), yield* createTask(returning())];
      return [(awaited as unknown) === future, (ofTask as unknown) === future];
    });
    expect(await compare()).toEqual([true, true]);
    expect(await (async () => future)()).toBe("value");
  }));
