import {
  CancelledError,
  Event,
  EventLoop,
  RuntimeError,
  Task,
  createTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { errorOf } from "../../program.ts";
import { InterruptibleHost } from "./interruptible-host.ts";
import { virtualLoops } from "./virtual-loops.ts";

test("test_runners.py::RunTests.test_asyncio_run_return: run gives what main gives, and the loop is closed then", async () => {
  const { loopFactory, made } = virtualLoops();
  const main = async () => {
    await sleep(0);
    return 42;
  };
  expect(await run(main(), { loopFactory })).toBe(42);
  expect(made.map((loop) => loop.isClosed())).toEqual([true]);
});

test("test_runners.py::RunTests.test_asyncio_run_raises: run throws what main throws, and the loop is closed then", async () => {
  const { loopFactory, made } = virtualLoops();
  const error = new RangeError("spam");
  const main = async () => {
    await sleep(0);
    throw error;
  };
  expect(await errorOf(run(main(), { loopFactory }))).toBe(error);
  expect(made.map((loop) => loop.isClosed())).toEqual([true]);
});

test("test_runners.py::RunTests.test_asyncio_run_only_coro: what cannot be awaited is refused before a loop is made; a function is called and what it gives is awaited", async () => {
  const { loopFactory, made } = virtualLoops();
  for (const wrong of [1, null, {}]) {
    const error = await errorOf(run(wrong as never, { loopFactory }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toBe(
      `Cannot run ${String(wrong)}: expected a coroutine, or a function that gives one`,
    );
  }
  expect(made).toEqual([]);
  expect(await run(() => sleep(1, "slept"), { loopFactory })).toBe("slept");
});

test("test_runners.py::RunTests.test_asyncio_run_from_running_loop: within a running loop run makes another one, and its promise is awaited as any", async () => {
  const { loopFactory, made } = virtualLoops();
  const inner = async () => {
    await sleep(10);
    return getRunningLoop();
  };
  const outer = async () => {
    const innerLoop = await run(inner(), { loopFactory });
    return [innerLoop, getRunningLoop()];
  };
  const loops = await run(outer(), { loopFactory });
  expect(loops.map((loop) => made.indexOf(loop))).toEqual([1, 0]);
  expect(made.map((loop) => loop.isClosed())).toEqual([true, true]);
});

test("test_runners.py::RunTests.test_asyncio_run_cancels_hanging_tasks: tasks that main leaves behind are cancelled, and have ended when run gives its result", async () => {
  const { loopFactory } = virtualLoops();
  const left: Task[] = [];
  const main = async () => {
    left.push(createTask(sleep(100)));
    return 123;
  };
  expect(await run(main(), { loopFactory })).toBe(123);
  expect(left.map((task) => [task.done(), task.cancelled()])).toEqual([[true, true]]);
});

test("test_runners.py::RunTests.test_asyncio_run_reports_hanging_tasks_errors: what a task throws that main has left behind goes to the loop's exception handler, and run gives its result all the same", async () => {
  const { loopFactory } = virtualLoops();
  const left: Task[] = [];
  const heard: unknown[] = [];
  const leftover = async () => {
    try {
      await sleep(100);
    } catch (error) {
      throw new RangeError("while it is cancelled", { cause: error });
    }
  };
  const main = async () => {
    getRunningLoop().setExceptionHandler((_, { message, exception, task }) =>
      heard.push([message, String(exception), task === left[0]]),
    );
    left.push(createTask(leftover()));
    return 123;
  };
  expect(await run(main(), { loopFactory })).toBe(123);
  expect(left[0].exception().cause).toBeInstanceOf(CancelledError);
  expect(heard).toEqual([["unhandled exception during run() shutdown", "RangeError: while it is cancelled", true]]);
});

test("test_runners.py::RunTests.test_asyncio_run_closes_gens_after_hanging_tasks_errors: when main fails, what is left behind ends in order: tasks with the generators that they iterate, their errors are reported, then generators that are open by hand", async () => {
  const { loopFactory, made } = virtualLoops();
  const log: string[] = [];
  const kept: unknown[] = [];
  const fidget = async function* (name: string) {
    try {
      for (;;) {
        yield 1;
        await sleep(1000);
      }
    } finally {
      log.push(`${name} closed`);
    }
  };
  const spin = async () => {
    try {
      for await (const _ of fidget("iterated")) kept.push(_);
    } catch {
      throw new RangeError("of spin");
    }
  };
  const main = async () => {
    getRunningLoop().setExceptionHandler((_, { exception }) => log.push(`heard ${String(exception)}`));
    const byHand = fidget("by hand");
    await byHand.next();
    kept.push(byHand, createTask(spin()));
    throw new RangeError("of main");
  };
  expect(await errorOf(run(main(), { loopFactory }))).toEqual(new RangeError("of main"));
  expect(kept).toHaveLength(3);
  expect((kept[1] as Task).done()).toBe(true);
  expect(log).toEqual(["iterated closed", "heard RangeError: of spin", "by hand closed"]);
  expect(made.map((loop) => loop.isClosed())).toEqual([true]);
});

test("test_runners.py::RunTests.test_asyncio_run_without_uncancel: an interrupt is a CancelledError where the main task does not take its request back", async () => {
  const host = new InterruptibleHost();
  class StubbornTask<T> extends Task<T> {
    override uncancel(): number {
      return this.cancelling();
    }
  }
  const loopFactory = () => {
    const loop = host.loopFactory();
    loop.setTaskFactory((of, co, options) => new StubbornTask(co, { ...options, loop: of }));
    return loop;
  };
  const main = async () => {
    host.interrupt();
    await new Event().wait();
  };
  const error = await errorOf(run(main(), { loopFactory }));
  expect(error).toBeInstanceOf(CancelledError);
  expect(host.listening).toBe(0);
});

test("test_runners.py::RunTests.test_asyncio_run_loop_factory: run makes its loop with the factory, which it calls once and without arguments", async () => {
  const { loopFactory, made } = virtualLoops();
  const given: unknown[][] = [];
  const counting = (...args: unknown[]) => {
    given.push(args);
    return loopFactory();
  };
  const running = await run(async () => getRunningLoop(), { loopFactory: counting });
  expect(given).toEqual([[]]);
  expect(running).toBe(made[0]);
});

test("test_runners.py::RunTests.test_loop_factory_default_event_loop: newEventLoop is a loop factory, the one that is used by default", async () => {
  const main = async () => getRunningLoop();
  const loops = [await run(main(), { loopFactory: newEventLoop }), await run(main())];
  for (const loop of loops) {
    expect(loop).toBeInstanceOf(EventLoop);
    expect(loop.isClosed()).toBe(true);
    expect(() => loop.callSoon(() => {})).toThrow(new RuntimeError("Cannot use the event loop: it is closed"));
  }
});
