import { CancelledError, Future, createTask, currentTask, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay, iterationsFromHere } from "./iterations.ts";

/** A future that does not let itself be cancelled. */
class Stubborn extends Future<string> {
  asked = 0;

  override cancel(): boolean {
    this.asked++;
    return false;
  }
}

test("the number in a task's name rises from task to task, over all loops", async () => {
  const names: string[] = [];
  for (let i = 0; i < 3; i++) {
    const loop = newEventLoop({ host: new VirtualHost() });
    const task = loop.createTask(sleep(0));
    names.push(task.getName());
    await loop.runUntilComplete(task);
    loop.close();
  }
  const numbers = names.map((name) => Number(/^Task-(\d+)$/.exec(name)?.[1]));
  expect(numbers[0]).toBeGreaterThan(0);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(new Set(numbers).size).toBe(3);
});

test.each([
  ["future", "task"],
  ["task", "future"],
])(
  "a future that is cancelled in the iteration in which the task that waits for it is, the %s first: the task hears the first message",
  (first) =>
    program(async ({ loop, log }) => {
      const future = loop.createFuture<void>();
      const task = createTask(
        (async () => {
          log.push(await thrownBy(future));
          throw new CancelledError("goes on");
        })(),
      );
      await sleep(0);
      if (first === "future") future.cancel("future");
      task.cancel("task");
      future.cancel("future");
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      expect(log).toEqual([new CancelledError(first)]);
      expect(task.cancelling()).toBe(1);
    }),
);

test("a future that refuses to be cancelled keeps its waiter waiting, who is cancelled when it is done: its result is lost to him", () =>
  program(async ({ log }) => {
    const future = new Stubborn();
    const task = createTask((async () => log.push(await future))());
    await sleep(0);
    expect(task.cancel("why")).toBe(true);
    await giveWay(3);
    expect([task.done(), future.asked]).toEqual([false, 1]);
    const iterations = iterationsFromHere();
    task.addDoneCallback(() => log.push(iterations()));
    future.setResult("value");
    expect(await thrownBy(task)).toEqual(new CancelledError("why"));
    expect([log, future.asked, future.result()]).toEqual([[2], 1, "value"]);
  }));

test("a task that has cancelled itself asks each future that it waits for to be cancelled; one that refuses is waited for, and then the cancellation strikes", () =>
  program(async ({ log }) => {
    const future = new Stubborn();
    const task = createTask(
      (async () => {
        currentTask()!.cancel("why");
        log.push(await future);
      })(),
    );
    await giveWay(3);
    expect([task.done(), future.asked]).toEqual([false, 1]);
    future.setResult("value");
    expect(await thrownBy(task)).toEqual(new CancelledError("why"));
    expect(log).toEqual([]);
  }));
