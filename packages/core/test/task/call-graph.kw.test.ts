import {
  Future,
  type Task,
  captureCallGraph,
  createTask,
  currentTask,
  formatCallGraph,
  gather,
  getRunningLoop,
  printCallGraph,
  run,
  shield,
  sleep,
  taskGroup,
} from "tsyncio";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());

async function leaf(): Promise<void> {
  await sleep(1000);
}

async function branch(): Promise<void> {
  await leaf();
}

/** Ends what a test has begun. */
async function end(...tasks: Task[]): Promise<void> {
  for (const task of tasks) task.cancel();
  for (const task of tasks) {
    try {
      await task;
    } catch {
      // Cancelled.
    }
  }
}

describe("the call graph", () => {
  test("of a task shows its coroutines, innermost first, and what it waits in", () =>
    run(async () => {
      const task = createTask(branch(), { name: "T" });
      await sleep(0);
      const { future, callStack, awaitedBy } = captureCallGraph(task)!;
      expect(future).toBe(task);
      expect([callStack, awaitedBy]).toEqual([[{ name: "branch" }, { name: "leaf" }], []]);
      expect(formatCallGraph(task)).toBe(
        ["* Task(name='T') waits in sleep", "  + Call stack:", "  |   async leaf()", "  |   async branch()"].join("\n"),
      );
      await end(task);
    }));

  test("goes outwards over everybody who awaits it", () =>
    run(async () => {
      const task = createTask(leaf(), { name: "inner" });
      async function waiting(): Promise<void> {
        await task;
      }
      const first = createTask(waiting(), { name: "first" });
      const second = createTask(waiting(), { name: "second" });
      async function outermost(): Promise<void> {
        await second;
      }
      const third = createTask(outermost(), { name: "third" });
      await sleep(0);
      expect(formatCallGraph(task)).toBe(
        [
          "* Task(name='inner') waits in sleep",
          "  + Call stack:",
          "  |   async leaf()",
          "  + Awaited by:",
          "      * Task(name='first')",
          "        + Call stack:",
          "        |   async waiting()",
          "      * Task(name='second')",
          "        + Call stack:",
          "        |   async waiting()",
          "        + Awaited by:",
          "            * Task(name='third')",
          "              + Call stack:",
          "              |   async outermost()",
        ].join("\n"),
      );
      await end(task, first, second, third);
    }));

  test("of a future shows who waits for it", () =>
    run(async () => {
      const future = new Future<void>();
      async function waiting(): Promise<void> {
        await future;
      }
      const task = createTask(waiting(), { name: "W" });
      await sleep(0);
      const graph = captureCallGraph(future)!;
      expect([graph.future === future, graph.callStack.length, graph.awaitedBy.length]).toEqual([true, 0, 1]);
      expect(graph.awaitedBy[0].future).toBe(task);
      expect(formatCallGraph(future)).toMatch(/^\* Future\n  \+ Awaited by:\n      \* Task\(name='W'\)/);
      future.setResult();
      await task;
      expect(captureCallGraph(future)!.awaitedBy).toEqual([]);
    }));

  test("goes through gather, shield and task groups", () =>
    run(async () => {
      const tasks = ["gathered", "shielded"].map((name) => createTask(leaf(), { name }));
      async function gathering(): Promise<void> {
        await gather(tasks[0]);
      }
      async function shielding(): Promise<void> {
        await shield(tasks[1]);
      }
      let grouped: Task | undefined;
      async function grouping(): Promise<void> {
        await taskGroup(async (tg) => void (grouped = tg.createTask(leaf())));
      }
      const outer = [gathering(), shielding(), grouping()].map((co, i) => createTask(co, { name: `outer ${i}` }));
      await sleep(0);
      await sleep(0);
      const names = (task: Task): string[] =>
        [...formatCallGraph(task).matchAll(/Task\(name='(.*?)'\)/g)].map(([, name]) => name);
      expect(tasks.map(names)).toEqual([
        ["gathered", "outer 0"],
        ["shielded", "outer 1"],
      ]);
      expect(names(grouped!)[1]).toBe("outer 2");
      await end(...outer, ...tasks);
    }));

  test("is, without an argument, that of the current task; null in a callback", () =>
    run(async () => {
      expect(captureCallGraph()!.future).toBe(currentTask());
      expect(formatCallGraph()).toContain(`Task(name='${currentTask()!.getName()}')`);
      const seen: unknown[] = [];
      getRunningLoop().callSoon(() => void seen.push(captureCallGraph(), formatCallGraph()));
      await sleep(0);
      expect(seen).toEqual([null, ""]);
    }));

  test("of tasks that wait for each other in a circle comes to an end", () =>
    run(async () => {
      const tasks: Task[] = [];
      const waiting = async (other: number): Promise<void> => void (await tasks[other]);
      tasks.push(createTask(waiting(1)), createTask(waiting(0)));
      await sleep(0);
      expect(captureCallGraph(tasks[0])!.awaitedBy[0].future).toBe(tasks[1]);
      expect(captureCallGraph(tasks[0])!.awaitedBy[0].awaitedBy).toEqual([]);
      await end(...tasks);
    }));

  test("of a task that is done is empty", () =>
    run(async () => {
      const task = createTask(sleep(0));
      await task;
      const graph = captureCallGraph(task)!;
      expect([graph.callStack, graph.awaitedBy]).toEqual([[], []]);
    }));

  test("is printed", () =>
    run(async () => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      const task = createTask(leaf(), { name: "P" });
      await sleep(0);
      printCallGraph(task);
      expect(log.mock.calls).toEqual([[formatCallGraph(task)]]);
      await end(task);
    }));
});
