import { CancelledError, TimeoutError, asCompleted, createTask, currentTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";

test("after the timeout of asCompleted(), what was done and not taken comes first, then one TimeoutError for each of the others, which go on", () =>
  program(async ({ log }) => {
    const tasks = [sleep(1, "a"), sleep("1h", "c"), sleep(2, "b"), sleep("1h", "d")].map((co) => createTask(co));
    const inTurn = asCompleted(tasks, { timeout: 10 });
    await sleep(30);
    for (const next of inTurn) {
      try {
        log.push(await next);
      } catch (error) {
        log.push(error);
      }
    }
    expect(log).toEqual(["a", "b", new TimeoutError(), new TimeoutError()]);
    expect(tasks.map((task) => task.done())).toEqual([true, false, true, false]);
    for (const task of tasks) task.cancel();
    await sleep(0);
  }));

test("for await over asCompleted() throws TimeoutError where the loop stands; another loop goes on behind it", () =>
  program(async ({ log }) => {
    const tasks = [sleep(1), sleep("1h")].map((co) => createTask(co));
    const inTurn = asCompleted(tasks, { timeout: 10 });
    await sleep(30);
    const iterating = async (): Promise<string> => {
      for await (const task of inTurn) log.push(tasks.indexOf(task));
      return "came to its end";
    };
    log.push(await thrownBy(iterating()), await iterating());
    expect(log).toEqual([0, new TimeoutError(), "came to its end"]);
    tasks[1].cancel();
    await sleep(0);
  }));

test("a cancelled child of asCompleted() throws its CancelledError in its turn, which cancels nobody; for await gives the task", () =>
  program(async ({ log }) => {
    const cancelled = createTask(sleep(1));
    cancelled.cancel("the child");
    for (const next of asCompleted([cancelled])) log.push(await thrownBy(next));
    for await (const task of asCompleted([cancelled])) log.push(task.cancelled());
    expect(log).toEqual([new CancelledError("the child"), true]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("asCompleted() with a limit refuses at the call what cannot be awaited; a coroutine that was awaited elsewhere before its turn fails in its turn", () =>
  program(async ({ log }) => {
    expect(() => asCompleted([sleep(1), 5 as never], { limit: 1 })).toThrow(
      new TypeError("Cannot await 5: expected a coroutine, a future or a promise"),
    );
    const elsewhere = async (): Promise<string> => "elsewhere";
    const awaited = elsewhere();
    const inTurn = asCompleted<PromiseLike<unknown>>([sleep(1, "first"), awaited, sleep(1, "last")], { limit: 1 });
    log.push(await awaited);
    for (const next of inTurn) {
      try {
        log.push(await next);
      } catch (error) {
        log.push((error as Error).message);
      }
    }
    expect(log).toEqual([
      "elsewhere",
      "first",
      'Cannot await coroutine "elsewhere": it has already been awaited; call elsewhere() again for a new one',
      "last",
    ]);
  }));
