import {
  ContextVar,
  KeyboardInterrupt,
  type Observer,
  type Task,
  allTasks,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";

const names = (tasks: Iterable<Task>) => Array.from(tasks, (task) => task.getName());

async function give(n: number) {
  return n;
}

async function wait(n: number) {
  await sleep(0);
  return n;
}

describe("the tasks of a gather that have not begun", () => {
  test("are among the tasks of the loop, in their order, and counted", () =>
    run(async () => {
      const main = currentTask() as Task;
      const before = createTask(wait(0), { name: "before" });
      const all = gather(give(1), wait(2), give(3));
      const after = createTask(wait(4), { name: "after" });
      const { tasks, ready } = getRunningLoop().statistics();
      expect([tasks, ready]).toEqual([6, 5]);
      const [first, second, ...rest] = allTasks();
      expect([first === main, second === before, rest.at(-1) === after, rest.length]).toEqual([true, true, true, 4]);
      expect(rest.every((task) => !task.done())).toBe(true);
      expect(getRunningLoop().statistics()).toMatchObject({ tasks: 6, ready: 5 });
      expect(await all).toEqual([1, 2, 3]);
      await after;
      const left = allTasks();
      expect([left.size, left.has(main)]).toEqual([1, true]);
      expect(getRunningLoop().statistics()).toMatchObject({ tasks: 1, ready: 0 });
    }));

  test("have the numbers in their names that they would have had at the call", () =>
    run(async () => {
      const seen: string[] = [];
      const say = async () => void seen.push((currentTask() as Task).getName());
      const number = async () => Number(/\d+/.exec((currentTask() as Task).getName())![0]);
      const before = createTask(number());
      const all = gather(say(), say(), say());
      const after = createTask(number());
      await all;
      const [first, last] = [await before, await after];
      expect(seen).toEqual([1, 2, 3].map((n) => `Task-${first + n}`));
      expect(last).toBe(first + 4);
    }));

  test("begin in one iteration, one after the other, also those that were asked for", () =>
    run(async () => {
      const log: string[] = [];
      async function say(name: string) {
        log.push(name);
        if (name === "a") log.push(`${names(allTasks()).length} tasks`);
        await sleep(0);
        log.push(`${name} again`);
      }
      getRunningLoop().callSoon(() => log.push("before"));
      const all = gather(say("a"), say("b"), say("c"));
      getRunningLoop().callSoon(() => log.push("after"));
      await all;
      expect(log).toEqual(["before", "a", "4 tasks", "b", "c", "after", "a again", "b again", "c again"]);
    }));

  test("are cancelled with the gather before they begin, or by one of them that has", () =>
    run(async () => {
      const log: string[] = [];
      const say = async (name: string) => void log.push(name);
      const early = gather(say("never"), say("never"));
      expect(early.cancel("early")).toBe(true);
      await expect(early.then()).rejects.toThrow("early");

      let cancelLate = (): boolean => false;
      const late = gather(
        (async () => {
          log.push("first");
          cancelLate();
        })(),
        say("never"),
        wait(1),
      );
      cancelLate = () => late.cancel("late");
      await expect(late.then()).rejects.toThrow("late");
      expect(log).toEqual(["first"]);
      expect(allTasks().size).toBe(1);
    }));

  test("each run in a copy of the context at the call", () =>
    run(async () => {
      const variable = new ContextVar<string>("v");
      variable.set("at the call");
      const read = async (write: string) => {
        const value = variable.get();
        variable.set(write);
        return value;
      };
      const all = gather(read("one"), read("two"), wait(3));
      variable.set("later");
      expect(allTasks().size).toBe(4);
      expect(await all).toEqual(["at the call", "at the call", 3]);
      expect(variable.get()).toBe("later");
    }));

  test("are told to an observer that came after the call", () =>
    run(async () => {
      const log: string[] = [];
      const observer: Observer = {
        taskCreated: () => log.push("created"),
        stepStarted: () => log.push("starts"),
        stepEnded: () => log.push("ends"),
        taskDone: () => log.push("done"),
      };
      const all = gather(give(1), give(2));
      getRunningLoop().addObserver(observer);
      await all;
      getRunningLoop().removeObserver(observer);
      const one = ["created", "starts", "done", "ends"];
      expect(log.slice(log.indexOf("created"), log.indexOf("created") + 8)).toEqual([...one, ...one]);
    }));

  test("are made when they begin for an observer that does not ask when they are created, too", () =>
    run(async () => {
      const log: string[] = [];
      const observer: Observer = {
        stepStarted: (task) => log.push(`${task.getName()} starts`),
        taskDone: (task) => log.push(`${task.getName()} done`),
      };
      getRunningLoop().addObserver(observer);
      const tasks = () => [...allTasks()].map((task) => task.getName()).slice(1);
      const all = gather(give(1), give(2));
      const [one, two] = tasks();
      expect(await all).toEqual([1, 2]);
      getRunningLoop().removeObserver(observer);
      expect(log.filter((line) => line.startsWith(one!) || line.startsWith(two!))).toEqual(
        [one, two].flatMap((name) => [`${name} starts`, `${name} done`]),
      );
    }));

  test("that come after one that interrupts the loop begin when it runs again", async () => {
    const log: string[] = [];
    async function interrupt() {
      throw new KeyboardInterrupt();
    }
    const say = async (name: string) => void log.push(name);
    await expect(
      run(async () => {
        try {
          await gather(say("a"), interrupt(), say("b"), say("c"));
        } finally {
          log.push("cancelled");
        }
      }),
    ).rejects.toThrow(KeyboardInterrupt);
    expect(log[0]).toBe("a");
    expect(log).toContain("cancelled");
  });

  test("are those that were given, whatever becomes of the array", () =>
    run(async () => {
      const batch = [give(1), wait(2), give(3)];
      const all = gather(batch);
      batch.length = 0;
      batch.push(give(4));
      expect(await all).toEqual([1, 2, 3]);
      expect(await batch[0]).toBe(4);
    }));

  test("of one coroutine that is given twice are one task", () =>
    run(async () => {
      let calls = 0;
      const once = (async () => ++calls)();
      expect(await gather(give(7), once, once)).toEqual([7, 1, 1]);
    }));
});

describe("eager tasks", () => {
  test("are among the tasks of the loop in their first step, each inside of the one that made it", () =>
    run(async () => {
      const main = currentTask() as Task;
      const seen: string[][] = [];
      async function inner() {
        seen.push(names(allTasks()));
      }
      async function outer() {
        createTask(inner(), { name: "inner", eagerStart: true });
        seen.push(names(allTasks()));
        await sleep(0);
      }
      main.setName("main");
      const task = createTask(outer(), { name: "outer", eagerStart: true });
      expect(seen).toEqual([
        ["main", "outer", "inner"],
        ["main", "outer"],
      ]);
      expect(names(allTasks())).toEqual(["main", "outer"]);
      await task;
      expect([names(allTasks()), getRunningLoop().statistics().tasks]).toEqual([["main"], 1]);
    }));

  test("that end in their first step, by a result or an error, leave the loop as it was", () =>
    run(async () => {
      const fails = async () => {
        throw new Error("no");
      };
      createTask(give(1), { eagerStart: true });
      const failed = createTask(fails(), { eagerStart: true });
      expect([allTasks().size, getRunningLoop().statistics().tasks]).toEqual([1, 1]);
      await expect(failed.then()).rejects.toThrow("no");
    }));
});
