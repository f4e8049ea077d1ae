import { type Task, allTasks, coroutine, createTask, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import { array, assert, nat, option, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { TaskRegistry } from "../../src/loop/task-registry.ts";

/** All that the registry knows of a task. */
const node = (): Task => ({ before: null, after: null }) as Task;

/** Not toEqual(): that would iterate the tasks, which awaits them. */
const same = (tasks: Iterable<Task>, expected: readonly Task[]): boolean => {
  const listed = [...tasks];
  return listed.length === expected.length && expected.every((task, i) => task === listed[i]);
};

describe("TaskRegistry", () => {
  test("gives the tasks in the order in which they were added", () => {
    const registry = new TaskRegistry();
    const tasks = [node(), node(), node()];
    for (const task of tasks) registry.add(task);
    expect(same(registry, tasks)).toBe(true);
    expect(registry.size).toBe(3);
  });

  test("agrees with a Set through any additions and deletions", () => {
    assert(
      property(array(option(nat()), { maxLength: 60, size: "max" }), (steps) => {
        const registry = new TaskRegistry();
        const model = new Set<Task>();
        for (const step of steps) {
          if (step === null || model.size === 0) {
            const task = node();
            registry.add(task);
            model.add(task);
          } else {
            const task = [...model][step % model.size];
            registry.delete(task);
            model.delete(task);
            if (task.before !== null || task.after !== null) throw new Error("a deleted task keeps its neighbours");
          }
          expect(registry.size).toBe(model.size);
          expect(same(registry, [...model])).toBe(true);
        }
      }),
    );
  });
});

describe("the tasks of a loop", () => {
  test("are those that are not done, in the order of their creation", () =>
    run(
      coroutine(function* () {
        const loop = getRunningLoop();
        const main = [...loop.tasks][0];
        const [a, b, c] = [createTask(sleep(0)), createTask(sleep(1)), createTask(sleep(0))];
        expect(same(loop.tasks, [main, a, b, c])).toBe(true);
        a.cancel();
        yield* c;
        expect(same(allTasks(), [main, b])).toBe(true);
        expect(loop.statistics().tasks).toBe(2);
        yield* b;
        expect(same(allTasks(), [main])).toBe(true);
      }),
    ));

  test("are none of another loop", async () => {
    const [one, other] = [newEventLoop(), newEventLoop()];
    const task = one.createTask(sleep(0));
    expect(same(allTasks(one), [task])).toBe(true);
    expect(allTasks(other).size).toBe(0);
    await one.runUntilComplete(task);
    expect(allTasks(one).size).toBe(0);
    one.close();
    other.close();
  });

  test("outside of a run must be asked of a loop", () => {
    expect(() => allTasks()).toThrow("there is no current event loop");
  });
});
