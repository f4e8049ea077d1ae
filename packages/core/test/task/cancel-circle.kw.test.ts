import { DeadlockError, type Task, createTask, currentTask, gather, newEventLoop, run, shield, sleep } from "tsyncio";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ManualHost } from "../loop/manual-host.ts";

afterEach(() => void vi.restoreAllMocks());

/** Tasks each of which waits for the next one, the last for the first. */
async function circle(length: number, wait: (task: Task) => PromiseLike<unknown>): Promise<Task[]> {
  const tasks: Task[] = [];
  const waiting = async (next: number): Promise<void> => void (await wait(tasks[next % length]));
  for (let i = 0; i < length; i++) tasks.push(createTask(waiting(i + 1), { name: `${i}` }));
  await sleep(0);
  return tasks;
}

describe("tasks that wait for each other in a circle", () => {
  test.each([
    ["two", 2, (task: Task) => task],
    ["three", 3, (task: Task) => task],
    ["two through gather", 2, (task: Task) => gather(task)],
    ["three through gather", 3, (task: Task) => gather(task, sleep(1000))],
    ["a hundred", 100, (task: Task) => task],
  ] as const)("%s: a cancellation of one breaks the circle, and each ends cancelled", (_, length, wait) =>
    run(async () => {
      const tasks = await circle(length, wait);
      expect(tasks[1].cancel("enough")).toBe(true);
      for (const task of tasks) {
        let caught: unknown;
        try {
          await task;
        } catch (error) {
          caught = error;
        }
        expect([(caught as Error).message, task.cancelled()]).toEqual(["enough", true]);
      }
      expect(currentTask()!.cancelling()).toBe(0);
    }),
  );

  test("through shield need no breaking: each gives up its own wait", () =>
    run(async () => {
      const tasks = await circle(2, (task) => shield(task));
      tasks[0].cancel();
      await sleep(0);
      await sleep(0);
      expect(tasks.map((task) => task.cancelled())).toEqual([true, false]);
      await sleep(0);
      expect(tasks[1].cancelled()).toBe(true);
    }));

  test("one that swallows the cancellation sets the others free with its value", () =>
    run(async () => {
      const tasks: Task<string>[] = [];
      const stubborn = async (): Promise<string> => {
        try {
          return await tasks[1];
        } catch {
          return "swallowed";
        }
      };
      const passing = async (): Promise<string> => `${await tasks[0]}, passed on`;
      tasks.push(createTask(stubborn()), createTask(passing()));
      await sleep(0);
      tasks[0].cancel();
      expect([await tasks[0], await tasks[1]]).toEqual(["swallowed", "swallowed, passed on"]);
    }));

  test("end a run with DeadlockError, and its cleanup ends them", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const host = new ManualHost();
    const ended: string[] = [];
    const main = run(
      async () => {
        const tasks = await circle(2, (task) => task);
        for (const task of tasks) task.addDoneCallback((one) => ended.push(`${one.getName()} ${one.cancelled()}`));
        await tasks[0];
      },
      { loopFactory: () => newEventLoop({ host }) },
    );
    const caught = main.catch((error: unknown) => error);
    host.settle();
    host.strand();
    const turning = setInterval(() => host.settle(), 1);
    expect(await caught).toBeInstanceOf(DeadlockError);
    clearInterval(turning);
    expect(ended.toSorted()).toEqual(["0 true", "1 true"]);
    expect(print.mock.calls).toEqual([]);
  });
});
