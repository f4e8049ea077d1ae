import {
  CancelledError,
  ContextVar,
  type EventLoop,
  type ExceptionContext,
  Future,
  KeyboardInterrupt,
  Runner,
  RuntimeError,
  type Task,
  asyncGenerator,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  give,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ManualHost } from "../loop/manual-host.ts";

afterEach(() => void vi.restoreAllMocks());

/** Of an executor that nobody asks to run anything. */
const submit = (): never => expect.unreachable();

/** Runs on until it is cancelled, and says so. */
const lingering = coroutine(function* (log: string[], name: string): Generator<any, void, any> {
  try {
    yield* sleep(60_000);
  } finally {
    log.push(`${name} ends`);
    yield* sleep(0);
    log.push(`${name} has cleaned up`);
  }
});

/** A runner whose loop tells what it hears of. */
function listening(log: string[]): Runner {
  const runner = new Runner();
  runner.getLoop().setExceptionHandler((_, { message, exception }: ExceptionContext) => {
    log.push(`${message}: ${String((exception as Error).message)}`);
  });
  return runner;
}

describe("Runner.run", () => {
  test("gives the results of its mains, on one loop", async () => {
    const runner = new Runner();
    const main = coroutine(function* (value: string) {
      yield* sleep(0);
      return [value, getRunningLoop()] as const;
    });
    const [first, second] = [await runner.run(main("first")), await runner.run(main("second"))];
    expect([first[0], second[0]]).toEqual(["first", "second"]);
    expect(first[1]).toBe(runner.getLoop());
    expect(second[1]).toBe(runner.getLoop());
    await runner.close();
  });

  test("goes on with the tasks of earlier runs", async () => {
    const runner = new Runner();
    const work = coroutine(function* () {
      for (let i = 0; i < 3; i++) yield* sleep(0);
      return "worked";
    });
    const starting = coroutine(function* () {
      return [createTask(work())];
    });
    const [task] = await runner.run(starting());
    expect(task.done()).toBe(false);
    expect(await runner.run(() => task)).toBe("worked");
    await runner.close();
  });

  test("keeps what a main sets in context variables for the next one, and from the outside", async () => {
    const user = new ContextVar("user", { default: "nobody" });
    const runner = new Runner();
    const main = coroutine(function* (name: string) {
      const before = user.get();
      user.set(name);
      yield* sleep(0);
      return [before, user.get()];
    });
    expect(await runner.run(main("ada"))).toEqual(["nobody", "ada"]);
    expect(await runner.run(main("bob"))).toEqual(["ada", "bob"]);
    expect(user.get()).toBe("nobody");
    await runner.close();
  });

  test("refuses a second main while one runs, and goes on with that one", async () => {
    const runner = new Runner();
    const main = coroutine(function* () {
      const second = yield runner.run(sleep(0)).catch((error: unknown) => error);
      expect(second).toEqual(new RuntimeError("Cannot run: the Runner is running already"));
      yield* sleep(0);
      return "first";
    });
    expect(await runner.run(main())).toBe("first");
    await runner.close();
  });

  test("can be used again after a main that failed or was cancelled", async () => {
    const runner = new Runner();
    const failing = coroutine(function* () {
      yield* sleep(0);
      throw new RangeError("of main");
    });
    const cancelled = coroutine(function* () {
      currentTask()!.cancel("by itself");
      yield* sleep(0);
    });
    await expect(runner.run(failing())).rejects.toEqual(new RangeError("of main"));
    await expect(runner.run(cancelled())).rejects.toEqual(new CancelledError("by itself"));
    expect(await runner.run(sleep(0, "still here"))).toBe("still here");
    await runner.close();
  });

  test("rejects when main stops the loop, and close() cancels main", async () => {
    const runner = new Runner();
    const log: string[] = [];
    const stopping = coroutine(function* () {
      getRunningLoop().stop();
      yield* lingering(log, "main");
    });
    await expect(runner.run(stopping())).rejects.toThrow(
      "Cannot give the result: the event loop was stopped before the future was done",
    );
    expect(log).toEqual([]);
    await runner.close();
    expect(log).toEqual(["main ends", "main has cleaned up"]);
  });

  test("names the main task, and takes debug mode from its options", async () => {
    const main = coroutine(function* () {
      return [currentTask()!.getName(), getRunningLoop().getDebug()];
    });
    expect(await run(main, { name: "M" })).toEqual(["M", false]);
    expect(await run(main, { name: "D", debug: true })).toEqual(["D", true]);
    expect((await run(main))[0]).toMatch(/^Task-\d+$/);
  });

  test("makes its loop with loopFactory, once", async () => {
    const made: EventLoop[] = [];
    const loopFactory = (): EventLoop => {
      made.push(newEventLoop());
      return made[0];
    };
    const runner = new Runner({ loopFactory });
    expect(made).toHaveLength(0);
    await runner.run(sleep(0));
    await runner.run(sleep(0));
    expect(made).toEqual([runner.getLoop()]);
    await runner.close();
    expect(made[0].isClosed()).toBe(true);
  });

  test("does not look into what main gives", async () => {
    const shy = {
      toString(): string {
        throw new Error("looked at");
      },
    };
    const main = coroutine(function* () {
      return shy;
    });
    expect((await run(main, { debug: true })) === shy).toBe(true);
  });
});

describe("Runner.close", () => {
  test("ends what is left in this order: tasks, async generators, the executor, unread errors, the loop", async () => {
    const log: string[] = [];
    const runner = listening(log);
    const loop = runner.getLoop();
    const items = asyncGenerator(function* () {
      try {
        yield* give(1);
      } finally {
        yield* sleep(0);
        log.push("async generator ends");
      }
    });
    loop.setDefaultExecutor({
      submit,
      async shutdown(options) {
        log.push(`executor ends, wait: ${options?.wait}, loop closed: ${loop.isClosed()}`);
      },
    });
    const unread = new Future<void>({ loop });
    const open: unknown[] = [];
    const main = coroutine(function* () {
      const generator = items();
      open.push(generator);
      yield* generator.next();
      createTask(lingering(log, "task"));
      yield* sleep(0);
      unread.setException(new Error("nobody read it"));
    });
    await runner.run(main);
    expect(log).toEqual([]);
    await runner.close();
    expect(log).toEqual([
      "task ends",
      "task has cleaned up",
      "async generator ends",
      "executor ends, wait: true, loop closed: false",
      "Future exception was never retrieved: nobody read it",
    ]);
    expect(loop.isClosed()).toBe(true);
  });

  test("cancels all tasks before it waits for any, and those that they start meanwhile not at all", async () => {
    const log: string[] = [];
    const runner = listening(log);
    const late = coroutine(function* () {
      yield* sleep(0);
      log.push("late ran on");
    });
    const spawning = coroutine(function* () {
      try {
        yield* sleep(60_000);
      } finally {
        createTask(late());
        yield* sleep(0);
        yield* sleep(0);
      }
    });
    const main = coroutine(function* () {
      createTask(lingering(log, "a"));
      createTask(spawning());
      createTask(lingering(log, "b"));
      yield* sleep(0);
    });
    await runner.run(main);
    await runner.close();
    expect(log).toEqual(["a ends", "b ends", "a has cleaned up", "b has cleaned up", "late ran on"]);
  });

  test("reports what a task throws while it is cancelled, and ends the others", async () => {
    const log: string[] = [];
    const runner = listening(log);
    const failing = coroutine(function* () {
      try {
        yield* sleep(60_000);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- this is the case
        throw new RangeError("while cleaning up");
      }
    });
    const main = coroutine(function* () {
      createTask(failing());
      createTask(lingering(log, "other"));
      yield* sleep(0);
    });
    await runner.run(main);
    await runner.close();
    expect(log).toEqual([
      "other ends",
      "other has cleaned up",
      "unhandled exception during run() shutdown: while cleaning up",
    ]);
  });

  test("reports what an async generator throws while it is closed", async () => {
    const log: string[] = [];
    const runner = listening(log);
    const items = asyncGenerator(function* items() {
      try {
        yield* give(1);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- this is the case
        throw new RangeError("while closing");
      }
    });
    const open = items();
    await runner.run(() => open.next());
    await runner.close();
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^an error occurred during closing of asynchronous generator .*: while closing$/);
  });

  test("waits for a task that takes its time over its cancellation", async () => {
    const log: string[] = [];
    const runner = listening(log);
    const stubborn = coroutine(function* () {
      try {
        yield* sleep(60_000);
      } catch {
        yield* sleep(5);
        log.push("stubborn ends");
      }
    });
    const main = coroutine(function* () {
      createTask(stubborn());
      yield* sleep(0);
    });
    await runner.run(main);
    await runner.close();
    expect(log).toEqual(["stubborn ends"]);
  });

  test("gives the executor five minutes, then goes on without it", async () => {
    const host = new ManualHost();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const log: string[] = [];
    const runner = new Runner({ loopFactory: () => newEventLoop({ host }) });
    const loop = runner.getLoop();
    loop.setDefaultExecutor({
      submit,
      shutdown(options) {
        log.push(`wait: ${options?.wait}`);
        return new Promise<void>(() => {});
      },
    });
    let closed = false;
    const closing = runner.close().then(() => (closed = true));
    const passing = async (milliseconds: number): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        host.settle();
        await Promise.resolve();
      }
      host.advance(milliseconds);
      for (let i = 0; i < 20; i++) {
        await Promise.resolve();
        host.settle();
      }
    };
    await passing(299_999);
    expect([closed, log]).toEqual([false, ["wait: true"]]);
    await passing(1);
    await closing;
    expect(log).toEqual(["wait: true", "wait: false"]);
    expect(warned.mock.calls).toEqual([[expect.stringContaining("within 300000 ms")]]);
    expect(loop.isClosed()).toBe(true);
  });

  test("closes the loop even when the cleanup fails", async () => {
    const runner = new Runner();
    const loop = runner.getLoop();
    loop.setDefaultExecutor({
      submit,
      shutdown: () => Promise.reject(new RangeError("of the executor")),
    });
    await expect(runner.close()).rejects.toEqual(new RangeError("of the executor"));
    expect(loop.isClosed()).toBe(true);
  });

  test("may be called twice, or before anything ran", async () => {
    const runner = new Runner();
    await runner.close();
    expect(await runner.run(sleep(0, "opened after all"))).toBe("opened after all");
    await runner.close();
    await runner.close();
    const other = new Runner();
    await other.run(sleep(0));
    await Promise.all([other.close(), other.close()]);
  });

  test("is refused while the runner runs", async () => {
    const runner = new Runner();
    const main = coroutine(function* () {
      const error = yield runner.close().catch((thrown: unknown) => thrown);
      expect(error).toEqual(new RuntimeError("Cannot close the Runner: it is running"));
    });
    await runner.run(main());
    await runner.close();
  });

  test("is done at the end of an await using block", async () => {
    let loop: EventLoop;
    {
      await using runner = new Runner();
      loop = runner.getLoop();
      await runner.run(sleep(0));
      expect(loop.isClosed()).toBe(false);
    }
    expect(loop.isClosed()).toBe(true);
  });

  test("is for good: a closed runner runs nothing and has no loop", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const runner = new Runner();
    await runner.run(sleep(0));
    await runner.close();
    const error = new RuntimeError("Cannot use the Runner: it is closed");
    expect(() => runner.getLoop()).toThrow(error);
    const never = coroutine(function* never() {});
    const co = never();
    await expect(runner.run(co)).rejects.toEqual(error);
    expect(co.state).toBe("closed");
    expect(warned).not.toHaveBeenCalled();
  });
});

describe("an interrupt", () => {
  /** A runner on a host that the test interrupts. */
  function interruptible(main: () => any): { host: ManualHost; result: Promise<unknown>; until(): Promise<unknown> } {
    const host = new ManualHost();
    const runner = new Runner({ loopFactory: () => newEventLoop({ host }) });
    let over = false;
    const result = runner.run(main).then(
      (value: unknown) => ((over = true), value),
      (error: unknown) => ((over = true), error),
    );
    const until = async (): Promise<unknown> => {
      for (let i = 0; i < 100 && !over; i++) {
        host.settle();
        await Promise.resolve();
      }
      return result;
    };
    host.settle();
    return { host, result, until };
  }
  const interrupt = (host: ManualHost, signal: string): void => {
    for (const listener of host.listeners) listener(signal);
  };

  test("cancels main, lets it clean up, and makes KeyboardInterrupt of it", async () => {
    const log: string[] = [];
    const { host, until } = interruptible(() => lingering(log, "main"));
    interrupt(host, "SIGTERM");
    const error = (await until()) as KeyboardInterrupt;
    expect(error).toBeInstanceOf(KeyboardInterrupt);
    expect([error.message, error.signal]).toEqual(["The program was interrupted by SIGTERM", "SIGTERM"]);
    expect(error.cause).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["main ends", "main has cleaned up"]);
    expect(host.exits).toEqual([]);
    expect(host.listeners.size).toBe(0);
  });

  test("that main swallows leaves its result", async () => {
    const { host, until } = interruptible(
      coroutine(function* () {
        try {
          return yield* sleep(60_000);
        } catch {
          return "swallowed";
        }
      }),
    );
    interrupt(host, "SIGINT");
    expect(await until()).toBe("swallowed");
  });

  test("leaves the error that main throws instead", async () => {
    const { host, until } = interruptible(
      coroutine(function* () {
        try {
          return yield* sleep(60_000);
        } catch {
          throw new RangeError("instead");
        }
      }),
    );
    interrupt(host, "SIGINT");
    expect(await until()).toEqual(new RangeError("instead"));
  });

  test("beside another cancellation is a CancelledError", async () => {
    const tasks: Task[] = [];
    const { host, until } = interruptible(
      coroutine(function* () {
        tasks.push(currentTask()!);
        yield* sleep(60_000);
      }),
    );
    interrupt(host, "SIGINT");
    tasks[0].cancel();
    expect(await until()).toBeInstanceOf(CancelledError);
    expect(tasks[0].cancelling()).toBe(1);
  });

  test("that comes a second time ends the program at once", async () => {
    const { host, until } = interruptible(() => lingering([], "main"));
    interrupt(host, "SIGINT");
    expect(host.exits).toEqual([]);
    interrupt(host, "SIGTERM");
    expect(host.exits).toEqual(["SIGTERM"]);
    await until();
  });

  test("is left to the handlers that the loop has for it", async () => {
    const log: unknown[] = [];
    const { host, until } = interruptible(
      coroutine(function* () {
        const { handledSignals } = getRunningLoop();
        handledSignals.add("SIGINT");
        yield* sleep(10);
        log.push("undisturbed");
        handledSignals.delete("SIGINT");
        yield* sleep(60_000);
      }),
    );
    interrupt(host, "SIGINT");
    interrupt(host, "SIGINT");
    host.advance(10);
    expect([log, host.exits]).toEqual([["undisturbed"], []]);
    interrupt(host, "SIGINT");
    expect(await until()).toBeInstanceOf(KeyboardInterrupt);
  });

  test("is not listened to with handleSignals: false, nor where a host cannot tell", async () => {
    const host = new ManualHost();
    const loopFactory = (): EventLoop => newEventLoop({ host });
    const runner = new Runner({ loopFactory, handleSignals: false });
    const running = runner.run(sleep(0, "done"));
    expect(host.listeners.size).toBe(0);
    host.settle();
    expect(await running).toBe("done");
    (host as { onInterrupt?: unknown }).onInterrupt = undefined;
    const other = new Runner({ loopFactory }).run(sleep(0, "done as well"));
    host.settle();
    expect(await other).toBe("done as well");
  });
});
