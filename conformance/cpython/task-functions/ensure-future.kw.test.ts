import {
  type Coroutine,
  type Future,
  Task,
  allTasks,
  eagerTaskFactory,
  ensureFuture,
  isCoroutine,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { type Given, program } from "../../program.ts";
import { expectNoLoop } from "./no-loop.ts";

async function answer() {
  await sleep(0);
  return "ok";
}

const DIFFERENT_LOOP = new RangeError("Cannot use the future on this loop: it belongs to a different one");

test("test_tasks.py::BaseTaskTests.test_ensure_future_coroutine: ensureFuture() schedules a coroutine on the loop that is given, else on the running one, and refuses it where there is neither", async () => {
  "native async";
  const outside = answer() as Coroutine<string>;
  expectNoLoop(() => ensureFuture(outside));
  expect(outside.state).toBe("created");
  outside.close();

  const given = newEventLoop({ host: new VirtualHost() });
  const future = ensureFuture(answer(), { loop: given });
  expect([future.getLoop() === given, future.done()]).toEqual([true, false]);
  await given.runUntilComplete(future);
  expect(future.result()).toBe("ok");
  given.close();

  await program(expectOnTheRunningLoop);
});

async function expectOnTheRunningLoop({ loop }: Given): Promise<void> {
  for (const factory of [null, eagerTaskFactory]) {
    loop.setTaskFactory(factory);
    const task = ensureFuture(answer());
    expect(task).toBeInstanceOf(Task);
    expect(task.getLoop()).toBe(loop);
    expect(await task).toBe("ok");
  }
}

/** What both kinds of futures have in common. */
async function expectGivenBackAsItIs(future: Future<string>): Promise<void> {
  expect(ensureFuture(future)).toBe(future);
  expect(await ensureFuture(future)).toBe("ok");
  const other = newEventLoop();
  expect(() => ensureFuture(future, { loop: other })).toThrow(DIFFERENT_LOOP);
  other.close();
  expect(ensureFuture(future, { loop: future.getLoop() })).toBe(future);
}

test("test_tasks.py::BaseTaskTests.test_ensure_future_future: ensureFuture() gives a future back as it is, and refuses to put it on another loop", () =>
  program(async ({ loop }) => {
    const future = loop.createFuture<string>();
    future.setResult("ok");
    await expectGivenBackAsItIs(future);
  }));

test("test_tasks.py::BaseTaskTests.test_ensure_future_task: ensureFuture() gives a task back as it is, and refuses to put it on another loop", () =>
  program(async ({ loop }) => {
    for (const eagerStart of [false, true]) await expectGivenBackAsItIs(loop.createTask(answer(), { eagerStart }));
  }));

/** An object of the user's own that can be awaited. */
class Later {
  readonly #answer: PromiseLike<string>;
  constructor(source: PromiseLike<string>) {
    this.#answer = source;
  }
  // oxlint-disable-next-line unicorn/no-thenable -- what is tested
  then<A, B>(
    ...handlers: [((value: string) => A | PromiseLike<A>)?, ((error: unknown) => B | PromiseLike<B>)?]
  ): PromiseLike<A | B> {
    return this.#answer.then(...handlers);
  }
}

test("test_tasks.py::BaseTaskTests.test_ensure_future_awaitable: ensureFuture() makes a future of any object with then(), which gives what that gives", () =>
  program(async ({ loop }) => {
    const future = ensureFuture(new Later(answer()), { loop });
    expect(future.getLoop()).toBe(loop);
    await future;
    expect(future.result()).toBe("ok");
    const failed = ensureFuture(new Later(Promise.reject(new TypeError("no answer"))));
    await expect(failed.then()).rejects.toThrow(new TypeError("no answer"));
  }));

test("test_tasks.py::BaseTaskTests.test_ensure_future_task_awaitable: what ensureFuture() makes of another awaitable is a task, whose coroutine awaits it", () =>
  program(async ({ loop }) => {
    const task = ensureFuture(new Later(sleep(0, "ok"))) as Task<string>;
    expect(task).toBeInstanceOf(Task);
    expect(isCoroutine(task.getCoro())).toBe(true);
    expect(allTasks(loop).has(task)).toBe(true);
    expect(await task).toBe("ok");
  }));

test("test_tasks.py::BaseTaskTests.test_ensure_future_neither: ensureFuture() refuses what cannot be awaited, and tells to call a function that was passed itself", () =>
  program(async () => {
    expect(() => ensureFuture("ok" as never)).toThrow(
      new TypeError("Cannot await ok: expected a coroutine, a future or a promise"),
    );
    expect(() => ensureFuture(answer as never)).toThrow(
      new TypeError("Cannot await answer: received the function itself; call it: answer()"),
    );
  }));

test("test_tasks.py::BaseTaskTests.test_ensure_future_error_msg: ensureFuture() names a future of another loop as the reason, and leaves it pending", () =>
  program(async ({ loop }) => {
    const other = newEventLoop();
    const future = loop.createFuture<void>();
    expect(() => ensureFuture(future, { loop: other })).toThrow(DIFFERENT_LOOP);
    expect(future.done()).toBe(false);
    other.close();
  }));
