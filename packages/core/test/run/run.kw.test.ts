import {
  CancelledError,
  ContextVar,
  DeadlockError,
  EventLoop,
  Lock,
  RuntimeError,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { ManualHost } from "../loop/manual-host.ts";

afterEach(() => void vi.restoreAllMocks());

async function nativeMain(): Promise<string> {
  "native async";
  await Promise.resolve();
  return "native";
}

describe("run takes for main", () => {
  test("a coroutine", async () => {
    const main = async (): Promise<number> => {
      await sleep(0);
      return 42;
    };
    const result = await run(main());
    expectTypeOf(result).toEqualTypeOf<number>();
    expect(result).toBe(42);
  });

  test("a coroutine function, which it calls without arguments", async () => {
    expect(await run(async (...args: unknown[]) => args)).toEqual([]);
  });

  test("a wait of the library", async () => {
    expect(await run(sleep(0, "slept"))).toBe("slept");
  });

  test("a native promise, and a native function that gives one", async () => {
    expect(await run(nativeMain())).toBe("native");
    expect(await run(nativeMain)).toBe("native");
  });

  test("a plain function, which it calls on the loop", async () => {
    const main = () => gather(sleep(0, getRunningLoop()), sleep(0, currentTask()?.name));
    const [loop, name] = await run(main, { name: "main" });
    expect(loop).toBeInstanceOf(EventLoop);
    expect(name).toBe("main");
    expect(await run((() => 5) as any)).toBe(5);
  });

  test("a future of the loop that it is given", async () => {
    const loop = newEventLoop();
    const future = loop.createFuture<string>();
    loop.callSoon(() => future.setResult("of the future"));
    expect(await run(future, { loopFactory: () => loop })).toBe("of the future");
    expect(loop.isClosed()).toBe(true);
  });

  test.each([undefined, null, 5, "main", {}, [], Symbol("main")])("nothing else: %s", async (main: any) => {
    const made = vi.fn<() => EventLoop>();
    const error = await run(main, { loopFactory: made }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe(
      `Cannot run ${String(main)}: expected a coroutine, or a function that gives one`,
    );
    expect(made).not.toHaveBeenCalled();
  });

  test("no coroutine that was awaited already", async () => {
    const co = sleep(1);
    await run(co);
    await expect(run(co)).rejects.toThrow(RuntimeError);
  });
});

describe("run", () => {
  test("throws the very error that main throws, also where it is called", async () => {
    const error = new RangeError("of main");
    const failing = async () => {
      await sleep(0);
      throw error;
    };
    const caught: unknown[] = [];
    await run(failing).catch((thrown: unknown) => caught.push(thrown));
    await run(() => {
      throw error;
    }).catch((thrown: unknown) => caught.push(thrown));
    expect(caught.map((one) => one === error)).toEqual([true, true]);
  });

  test("ends the tasks that main leaves, and closes the loop, whether main fails or not", async () => {
    const log: string[] = [];
    let loop: EventLoop | null = null;
    const lingering = async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(0);
        log.push("cleaned up");
      }
    };
    const main = async (error: Error | null) => {
      loop = getRunningLoop();
      createTask(lingering());
      await sleep(0);
      if (error !== null) throw error;
    };
    await run(main(null));
    expect([log, loop!.isClosed()]).toEqual([["cleaned up"], true]);
    await expect(run(main(new RangeError("of main")))).rejects.toThrow("of main");
    expect([log, loop!.isClosed()]).toEqual([["cleaned up", "cleaned up"], true]);
  });

  test("throws what main threw when the cleanup fails too, and prints that", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const second = new Error("of the cleanup");
    const main = async () => {
      getRunningLoop().setDefaultExecutor({
        submit: () => expect.unreachable(),
        shutdown: () => Promise.reject(second),
      });
      throw new RangeError("of main");
    };
    await expect(run(main)).rejects.toThrow("of main");
    expect(printed.mock.calls).toEqual([["tsyncio: the cleanup of run() failed as well", second]]);
  });

  test("throws what the cleanup throws when main did not fail", async () => {
    const main = async () => {
      getRunningLoop().setDefaultExecutor({
        submit: () => expect.unreachable(),
        shutdown: () => Promise.reject(new Error("of the cleanup")),
      });
    };
    await expect(run(main)).rejects.toThrow("of the cleanup");
  });

  test("inside of a running loop has a loop, tasks and variables of its own", async () => {
    const user = new ContextVar("user", { default: "nobody" });
    const log: string[] = [];
    const inner = async (outside: EventLoop) => {
      expect(getRunningLoop()).not.toBe(outside);
      expect(currentTask()?.name).toBe("inner");
      log.push(`inner: ${user.get()}`);
      user.set("inner");
      await sleep(1);
      return "inner";
    };
    const ticking = async () => {
      for (;;) {
        log.push("outer goes on");
        await sleep(60_000);
      }
    };
    const outer = async () => {
      user.set("outer");
      createTask(ticking());
      const task = currentTask();
      const result = await run(inner(getRunningLoop()), { name: "inner" });
      expect(currentTask()).toBe(task);
      return `${result}, ${user.get()}`;
    };
    expect(await run(outer, { name: "outer" })).toBe("inner, outer");
    expect(log).toContain("inner: outer");
    expect(log).toContain("outer goes on");
  });

  test("many at a time do not disturb each other", async () => {
    const work = async (n: number) => {
      const loop = getRunningLoop();
      for (let i = 0; i < 20; i++) {
        await sleep(i % 5 === 0 ? 1 : 0);
        if (getRunningLoop() !== loop) throw new Error("on another loop");
      }
      return n;
    };
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    expect(await Promise.all(numbers.map((n) => run(work(n))))).toEqual(numbers);
  });

  test("leaves no loop running", async () => {
    await run(sleep(0));
    expect([...EventLoop.active].every((loop) => !loop.isClosed())).toBe(true);
  });
});

describe("the signal of run", () => {
  test("cancels main when it is aborted, which may clean up", async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const main = async () => {
      setTimeout(() => controller.abort("enough"), 1);
      try {
        await sleep(60_000);
      } finally {
        await sleep(0);
        log.push("cleaned up");
      }
    };
    await expect(run(main, { signal: controller.signal })).rejects.toEqual(new CancelledError("enough"));
    expect(log).toEqual(["cleaned up"]);
  });

  test("that is aborted already cancels main before it begins", async () => {
    const controller = new AbortController();
    controller.abort("before");
    const main = vi.fn<() => void>();
    const began = async () => main();
    await expect(run(began, { signal: controller.signal })).rejects.toEqual(new CancelledError("before"));
    expect(main).not.toHaveBeenCalled();
  });

  test("is not listened to any more when main is done", async () => {
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    await run(sleep(0), { signal: controller.signal });
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

describe("a main that nothing can wake", () => {
  /** What `run` rejects with once its host says that nothing is left. */
  async function stranded(main: () => Promise<unknown>): Promise<unknown> {
    "native async";
    // A circle of tasks cannot be cancelled either: nor in CPython.
    vi.spyOn(console, "error").mockImplementation(() => {});
    const host = new ManualHost();
    let outcome: unknown;
    const running = run(main, { loopFactory: () => newEventLoop({ host }), name: "main" }).then(
      () => expect.unreachable("it is stuck"),
      (error: unknown) => (outcome = error),
    );
    for (let i = 0; i < 100 && outcome === undefined; i++) {
      host.settle();
      // As Node does when nothing is left to do.
      if (i >= 3) host.strand();
      await Promise.resolve();
    }
    await running;
    return outcome;
  }

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a lock that is never released",
      async () => {
        const lock = new Lock();
        await lock.acquire();
        await lock.acquire();
      },
      /'main'[^]*waits in Lock\.acquire/,
    ],
    ["a promise that is never settled", async () => await new Promise(() => {}), /'main'/],
    ["a future that nobody sets", async () => await getRunningLoop().createFuture(), /'main'[^]*waits in Future/],
    [
      "a task that waits for it in turn",
      async () => {
        const main = currentTask()!;
        const task = createTask(
          (async function circle() {
            await main;
          })(),
          { name: "circle" },
        );
        await task;
      },
      /'circle'[^]*'main'/,
    ],
  ])("for it waits for %s, ends with DeadlockError and the graph", async (_, main, graph) => {
    const error = await stranded(main);
    expect(error).toBeInstanceOf(DeadlockError);
    expect((error as Error).message).toMatch(
      /^Cannot go on: every task waits for something that nothing left can bring/,
    );
    expect((error as Error).message).toMatch(graph);
  });
});
