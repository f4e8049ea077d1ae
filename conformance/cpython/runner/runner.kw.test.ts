import { ContextVar, type Coroutine, Runner, RuntimeError, copyContext, newEventLoop, sleep } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { errorOf } from "../../program.ts";
import { virtualLoops } from "./virtual-loops.ts";

afterEach(() => void vi.restoreAllMocks());

const CLOSED = new RuntimeError("Cannot use the Runner: it is closed");

test("test_runners.py::RunnerTests.test_non_debug: a runner with debug: false makes a loop that is not in debug mode", async () => {
  await using runner = new Runner({ debug: false });
  expect(runner.getLoop().getDebug()).toBe(false);
});

test("test_runners.py::RunnerTests.test_debug: a runner with debug: true makes a loop that is in debug mode", async () => {
  await using runner = new Runner({ debug: true });
  expect(runner.getLoop().getDebug()).toBe(true);
});

test("test_runners.py::RunnerTests.test_custom_factory: the loop of a runner is the one that its factory gives", async () => {
  const loop = newEventLoop();
  {
    await using runner = new Runner({ loopFactory: () => loop });
    expect(runner.getLoop()).toBe(loop);
    expect(loop.isClosed()).toBe(false);
  }
  expect(loop.isClosed()).toBe(true);
});

test("test_runners.py::RunnerTests.test_run: a runner gives what its main gives; at the end of its block it is closed, and its loop too", async () => {
  const { loopFactory, made } = virtualLoops();
  const runner = new Runner({ loopFactory });
  const main = async () => {
    await sleep(0);
    return "done";
  };
  {
    await using open = runner;
    expect(await open.run(main())).toBe("done");
    expect(open.getLoop()).toBe(made[0]);
  }
  expect(() => runner.getLoop()).toThrow(CLOSED);
  expect(made[0].isClosed()).toBe(true);
});

test("test_runners.py::RunnerTests.test_run_non_coro: a runner refuses what can neither be awaited nor called, and can be used afterwards", async () => {
  const { loopFactory } = virtualLoops();
  await using runner = new Runner({ loopFactory });
  const error = await errorOf(runner.run(123 as never));
  expect(error).toEqual(new TypeError("Cannot run 123: expected a coroutine, or a function that gives one"));
  expect(await runner.run(sleep(1, "slept"))).toBe("slept");
});

test("test_runners.py::RunnerTests.test_run_future: a runner takes a future of its loop for main, and waits for it", async () => {
  const { loopFactory } = virtualLoops();
  await using runner = new Runner({ loopFactory });
  const loop = runner.getLoop();
  const future = loop.createFuture<string>();
  loop.callLater(10, () => future.setResult("of the future"));
  expect(await runner.run(future)).toBe("of the future");
});

test("test_runners.py::RunnerTests.test_explicit_close: close() closes the loop, and a closed runner has none", async () => {
  const runner = new Runner();
  const loop = runner.getLoop();
  await runner.close();
  expect(() => runner.getLoop()).toThrow(CLOSED);
  expect(loop.isClosed()).toBe(true);
});

test("test_runners.py::RunnerTests.test_double_close: closing a runner a second time does nothing", async () => {
  const runner = new Runner();
  const loop = runner.getLoop();
  for (let n = 0; n < 2; n++) {
    await runner.close();
    expect(loop.isClosed()).toBe(true);
  }
});

test("test_runners.py::RunnerTests.test_second_with_block_raises: a runner cannot be used in a second block: what it is given there does not run", async () => {
  const { loopFactory, made } = virtualLoops();
  const log: number[] = [];
  const noting = async (n: number) => void log.push(n);
  const runner = new Runner({ loopFactory });
  {
    await using first = runner;
    await first.run(noting(1));
  }
  const again = async () => {
    await using second = runner;
    await second.run(noting(2));
  };
  expect(await errorOf(again())).toEqual(CLOSED);
  expect([log, made.length]).toEqual([[1], 1]);
});

test("test_runners.py::RunnerTests.test_run_keeps_context: context variables that one main sets are there in the next, and stay inside of the runner", async () => {
  const { loopFactory } = virtualLoops();
  const variable = new ContextVar("variable", { default: -1 });
  const exchanging = async (value: number) => {
    const before = variable.get();
    await sleep(0);
    variable.set(value);
    return before;
  };
  const context = async () => copyContext();
  await using runner = new Runner({ loopFactory });
  expect(await runner.run(exchanging(1))).toBe(-1);
  expect(await runner.run(exchanging(2))).toBe(1);
  expect((await runner.run(context())).get(variable)).toBe(2);
  expect(variable.get()).toBe(-1);
});

test("test_runners.py::RunnerTests.test_recursive_run: a runner refuses a second main while one runs; that one is closed, so nothing warns that it was never awaited", async () => {
  const warned = vi.spyOn(console, "warn");
  const { loopFactory } = virtualLoops();
  await using runner = new Runner({ loopFactory });
  const log: string[] = [];
  const inner = async (): Promise<void> => void log.push("not reached");
  const second = inner() as Coroutine<void>;
  const outer = async () => {
    await runner.run(second);
  };
  expect(await errorOf(runner.run(outer()))).toEqual(new RuntimeError("Cannot run: the Runner is running already"));
  expect([second.state, log, warned.mock.calls]).toEqual(["closed", [], []]);
});

test("test_runners.py::RunnerTests.test_no_repr_is_call_on_the_task_result: a runner does not look into what main gives: it is not made a text, in debug mode neither", async () => {
  let asked = 0;
  class Result {
    toString(): string {
      return `asked ${++asked} times`;
    }

    toJSON(): string {
      return this.toString();
    }
  }
  for (const debug of [false, true]) {
    const { loopFactory } = virtualLoops();
    await using runner = new Runner({ loopFactory, debug });
    const main = async () => new Result();
    expect((await runner.run(main())) instanceof Result).toBe(true);
  }
  expect(asked).toBe(0);
});
