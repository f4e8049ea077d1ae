import { CancelledError, coroutineTrace, createTask, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

const boom = (): Error => new Error("boom");

async function innermost(error: unknown, waits: boolean): Promise<void> {
  if (waits) await sleep(0);
  throw error;
}

async function middle(error: unknown, waits: boolean): Promise<void> {
  await innermost(error, waits);
}

async function outer(error: unknown, waits: boolean): Promise<void> {
  await middle(error, waits);
}

async function thrownBy(aw: PromiseLike<unknown>): Promise<void> {
  try {
    await aw;
  } catch {
    // It is the error that is looked at.
  }
}

describe("coroutineTrace", () => {
  test("tells the coroutines that an error went through after a wait, innermost first, and the task", () =>
    run(async () => {
      const error = boom();
      await thrownBy(createTask(outer(error, true), { name: "T" }));
      expect(coroutineTrace(error).map(({ name, task }) => [name, task])).toEqual([
        ["innermost", undefined],
        ["middle", undefined],
        ["outer", "T"],
      ]);
    }));

  test("goes on over the tasks that the error went through", () =>
    run(async () => {
      const error = boom();
      async function awaiting(): Promise<void> {
        await createTask(outer(error, true), { name: "inner task" });
      }
      await thrownBy(createTask(awaiting(), { name: "outer task" }));
      expect(coroutineTrace(error).map(({ name, task }) => [name, task])).toEqual([
        ["innermost", undefined],
        ["middle", undefined],
        ["outer", "inner task"],
        ["awaiting", "outer task"],
      ]);
    }));

  test("leaves out what the JavaScript stack shows: coroutines that have not waited", () =>
    run(async () => {
      const error = boom();
      await thrownBy(createTask(outer(error, false), { name: "T" }));
      expect(coroutineTrace(error).map(({ name }) => name)).toEqual(["outer"]);
      expect(error.stack).toContain("coroutine-trace");
    }));

  test("is empty for cancellations, for what is no object, and for what no coroutine has thrown", () =>
    run(async () => {
      for (const thrown of [new CancelledError(), "text", undefined]) {
        await thrownBy(createTask(outer(thrown, true)));
        expect(coroutineTrace(thrown)).toEqual([]);
      }
      expect(coroutineTrace(boom())).toEqual([]);
    }));
});
