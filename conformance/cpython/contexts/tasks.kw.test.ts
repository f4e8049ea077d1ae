import {
  type Context,
  ContextVar,
  type Coroutine,
  Future,
  Task,
  copyContext,
  createTask,
  gather,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";

test("test_tasks.py::BaseTaskTests.test_context_1: a task has a copy of the context in which it was created: neither side sees what the other sets later", () =>
  eitherStart(async ({ log }) => {
    const variable = new ContextVar("variable", { default: "nope" });
    const inner = async () => {
      await sleep(10);
      log.push(variable.get());
      variable.set("something else");
    };
    const outer = async () => {
      log.push(variable.get());
      const task = createTask(inner());
      variable.set("yes");
      await task;
      log.push(variable.get());
    };
    await createTask(outer());
    expect(log).toEqual(["nope", "nope", "yes"]);
    expect(variable.get()).toBe("nope");
  }));

test("test_tasks.py::BaseTaskTests.test_context_2: what a done callback sets is not seen by the task that added it, and a task keeps its values over every wait", () =>
  eitherStart(async ({ loop, log }) => {
    const variable = new ContextVar("variable", { default: "nope" });
    const work = async () => {
      for (const round of [0, 1]) {
        const future = new Future<void>();
        future.addDoneCallback(() => {
          log.push(`the callback had ${variable.get()}`);
          variable.set("something else");
        });
        variable.set(`yes ${round}`);
        loop.callSoon(() => future.setResult());
        await future;
        log.push(variable.get());
        for (const step of [0, 1, 2]) {
          variable.set(`${round}, ${step}`);
          await sleep(1);
          log.push(variable.get());
        }
      }
    };
    await createTask(work());
    // The callbacks have the values from when they were added.
    expect(log.join("; ")).toBe(
      "the callback had nope; yes 0; 0, 0; 0, 1; 0, 2; the callback had 0, 2; yes 1; 1, 0; 1, 1; 1, 2",
    );
    expect(variable.get()).toBe("nope");
  }));

test("test_tasks.py::BaseTaskTests.test_context_3: a hundred tasks side by side each keep their own value", () =>
  eitherStart(async () => {
    const variable = new ContextVar("variable", { default: -1 });
    const work = async (n: number) => {
      const seen: number[] = [];
      for (let i = 0; i < 10; i++) {
        variable.set(n * 10 + i);
        await sleep(1 + ((n * 31 + i * 17) % 50));
        seen.push(variable.get());
      }
      return seen;
    };
    const tasks = Array.from({ length: 100 }, (_, n) => createTask(work(n)));
    const seen = (await gather(tasks)).flat();
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(variable.get()).toBe(-1);
  }));

/** What a context has of a variable before, between and after two tasks that run in it and set the variable. */
async function inOneContext(make: (co: Coroutine<void>, context: Context) => Task<void>): Promise<unknown[]> {
  const variable = new ContextVar<number>("variable");
  const setting = async (value: number) => {
    await sleep(0);
    variable.set(value);
  };
  const context = copyContext();
  const seen: unknown[] = [context.get(variable)];
  for (const value of [1, 2]) {
    const task = make(setting(value) as Coroutine<void>, context);
    expect(task.getContext()).toBe(context);
    await task;
    seen.push(context.get(variable));
  }
  seen.push(variable.get(0));
  return seen;
}

test("test_tasks.py::BaseTaskTests.test_context_4: tasks that are constructed with one context, one after the other, leave their values in it and nowhere else", () =>
  eitherStart(async ({ loop }) => {
    expect(await inOneContext((co, context) => new Task(co, { loop, context }))).toEqual([undefined, 1, 2, 0]);
  }));

test("test_tasks.py::BaseTaskTests.test_context_5: createTask runs a task in the very context that it is given", () =>
  eitherStart(async () => {
    expect(await inOneContext((co, context) => createTask(co, { context }))).toEqual([undefined, 1, 2, 0]);
  }));

test("test_tasks.py::BaseTaskTests.test_context_6: loop.createTask runs a task in the very context that it is given", () =>
  eitherStart(async ({ loop }) => {
    expect(await inOneContext((co, context) => loop.createTask(co, { context }))).toEqual([undefined, 1, 2, 0]);
  }));
