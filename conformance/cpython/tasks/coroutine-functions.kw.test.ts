import { type Coroutine, Future, coroutine, createTask, isCoroutine, isCoroutineFunction, sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";

test("test_tasks.py::BaseTaskTests.test_iscoroutinefunction: isCoroutineFunction() tells async functions from plain ones, from generator functions and from mocks", () => {
  const native = async () => {
    "native async";
  };
  const method = { async run() {} }.run;
  const none = [() => {}, function* () {}, vi.fn(), native, undefined, "text"];
  const all = [async () => {}, async function () {}, method, coroutine(function* () {})];
  expect(none.map((fn) => isCoroutineFunction(fn))).toEqual(none.map(() => false));
  expect(all.map((fn) => isCoroutineFunction(fn))).toEqual(all.map(() => true));
});

test("test_tasks.py::BaseTaskTests.test_coroutine_non_gen_function: an async function that awaits nothing gives a coroutine all the same", () =>
  program(async ({ log }) => {
    const fn = async () => {
      log.push("ran");
      return "result";
    };
    expect(isCoroutineFunction(fn)).toBe(true);
    const co = fn();
    expect([isCoroutine(co), log]).toEqual([true, []]);
    expect(await co).toBe("result");
    expect([(co as unknown as Coroutine<string>).state, log]).toEqual(["closed", ["ran"]]);
  }));

test("test_tasks.py::BaseTaskTests.test_coroutine_non_gen_function_return_future: a generator that returns a future gives that future; `return` in an async function waits for it, as JavaScript's does", () =>
  eitherStart(async ({ log }) => {
    const future = new Future<string>();
    const returning = coroutine(function* (): Generator<unknown, Future<string>, any> {
      return future;
    });
    const waiting = async () => future;
    const generator = createTask(returning());
    const keyword = createTask(waiting());
    const setting = createTask((async () => void future.setResult("set later"))());
    generator.addDoneCallback((task) => log.push("generator", task.result() === future));
    keyword.addDoneCallback((task) => log.push("keyword", task.result()));
    await setting;
    expect([generator.done(), generator.result() === future]).toEqual([true, true]);
    expect(await keyword).toBe("set later");
    await sleep(0);
    expect(log).toEqual(["generator", true, "keyword", "set later"]);
    expect(setting.result()).toBe(undefined);
  }));
