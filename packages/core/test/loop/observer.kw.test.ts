import {
  type ExceptionContext,
  Future,
  KeyboardInterrupt,
  type Observer,
  createTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";

/** Writes down all that it hears. */
function recorder(log: string[]): Required<Observer> {
  return {
    taskCreated: (task, creator) => void log.push(`${creator?.getName() ?? "nobody"} makes ${task.getName()}`),
    stepStarted: (task) => void log.push(`${task.getName()} goes on`),
    stepEnded: (task) => void log.push(`${task.getName()} ${task.done() ? "has ended" : "rests"}`),
    taskDone: (task) => void log.push(`${task.getName()} is ${task.cancelled() ? "cancelled" : "done"}`),
  };
}

async function givingWay(): Promise<string> {
  await sleep(0);
  return "result";
}

describe("an observer", () => {
  test("hears of every task, of each of its steps, and of its end", () =>
    run(async () => {
      const log: string[] = [];
      const loop = getRunningLoop();
      loop.addObserver(recorder(log));
      const task = createTask(givingWay(), { name: "child" });
      loop.callSoon(() => createTask(givingWay(), { name: "orphan" }));
      await sleep(0);
      expect(await task).toBe("result");
      expect(log.map((line) => line.replace("Task-1", "main").replace(/\bTask-\d+/, "main"))).toEqual([
        "main makes child",
        "child goes on",
        "child rests",
        "nobody makes orphan",
        "main goes on",
        "main rests",
        "child goes on",
        "child is done",
        "child has ended",
        "orphan goes on",
        "orphan rests",
        "main goes on",
      ]);
    }));

  test("hears of cancellation and failure as of an end, with the outcome there to be read", () =>
    run(async () => {
      const outcomes: unknown[] = [];
      getRunningLoop().addObserver({
        taskDone: (task) => void outcomes.push(task.cancelled() ? "cancelled" : String(task.exception())),
      });
      const waiting = createTask(sleep("1h"));
      const failing = createTask(
        (async () => {
          throw new RangeError("no");
        })(),
      );
      await sleep(0);
      waiting.cancel();
      await sleep(0);
      expect(outcomes).toEqual(["RangeError: no", "cancelled"]);
      expect(failing.exception()).toBeInstanceOf(RangeError);
    }));

  test("hears of an eager task in the midst of the step of its creator", () =>
    run(async () => {
      const log: string[] = [];
      await sleep(0);
      getRunningLoop().addObserver(recorder(log));
      const task = createTask(givingWay(), { name: "eager", eagerStart: true });
      expect(log).toEqual([expect.stringMatching(/makes eager$/), "eager goes on", "eager rests"]);
      await task;
    }));

  test("sees where a task waits when its step has ended", () =>
    run(async () => {
      const future = new Future<void>();
      const seen: string[] = [];
      getRunningLoop().addObserver({ stepEnded: (task) => void seen.push(String(task)) });
      const task = createTask((async () => await future)(), { name: "waiter" });
      await sleep(0);
      expect(seen[0]).toMatch(/^<Task pending name='waiter'.* wait_for=<Future pending/);
      future.setResult(undefined);
      await task;
    }));

  test("of several each hears in the order in which they were added; one that was added twice hears once", () =>
    run(async () => {
      const log: string[] = [];
      const loop = getRunningLoop();
      const [one, two] = ["one", "two"].map((name) => ({ taskDone: () => void log.push(name) }));
      for (const observer of [one, two, one]) loop.addObserver(observer);
      await createTask(givingWay());
      expect(log).toEqual(["one", "two"]);
      expect([loop.removeObserver(one), loop.removeObserver(one)]).toEqual([true, false]);
      await createTask(givingWay());
      expect(log).toEqual(["one", "two", "two"]);
      expect(loop.removeObserver(two)).toBe(true);
      await createTask(givingWay());
      expect(log).toEqual(["one", "two", "two"]);
    }));

  test("that throws disturbs nobody: the exception handler is told", () =>
    run(async () => {
      const reports: ExceptionContext[] = [];
      const loop = getRunningLoop();
      loop.setExceptionHandler((_, context) => void reports.push(context));
      const fail = (): never => {
        throw new Error("of the observer");
      };
      const heard: string[] = [];
      loop.addObserver({ taskCreated: fail, stepStarted: fail, stepEnded: fail, taskDone: fail });
      loop.addObserver({ taskDone: (task) => void heard.push(task.getName()) });
      expect(await createTask(givingWay(), { name: "child" })).toBe("result");
      expect(heard).toEqual(["child"]);
      expect(reports.map(({ message, exception }) => [message, String(exception)])).toEqual(
        // Made, two steps, an end; and the step of the main task that goes on with the result has begun.
        Array.from({ length: 7 }, () => ["Exception in observer", "Error: of the observer"]),
      );
    }));

  test("hears that a step has ended by a KeyboardInterrupt, which leaves the loop", async () => {
    const log: string[] = [];
    const loop = newEventLoop();
    loop.addObserver(recorder(log));
    const interrupted = async () => {
      throw new KeyboardInterrupt("now");
    };
    const task = loop.createTask(interrupted(), { name: "interrupted" });
    await expect(loop.runUntilComplete(task)).rejects.toThrow("now");
    expect(log).toEqual([
      expect.stringMatching(/ makes interrupted$/),
      "interrupted goes on",
      "interrupted is done",
      "interrupted has ended",
    ]);
    loop.close();
  });

  test("hears in debug mode too", () =>
    run(
      async () => {
        const steps: string[] = [];
        getRunningLoop().addObserver({ stepStarted: (task) => void steps.push(task.getName()) });
        await createTask(givingWay(), { name: "child" });
        expect(steps.filter((name) => name === "child")).toHaveLength(2);
      },
      { debug: true },
    ));

  test("changes nothing in the order of events", async () => {
    const program = async (observer: Observer | null) => {
      const order: string[] = [];
      if (observer !== null) getRunningLoop().addObserver(observer);
      const job = async (name: string, times: number) => {
        for (let i = 0; i < times; i++) {
          order.push(`${name} ${i}`);
          await sleep(0);
        }
      };
      const tasks = [createTask(job("a", 3)), createTask(job("b", 2), { eagerStart: true }), createTask(job("c", 4))];
      getRunningLoop().callSoon(() => order.push("callback"));
      for (const task of tasks) await task;
      return order;
    };
    const heard: string[] = [];
    expect(await run(program(recorder(heard)))).toEqual(await run(program(null)));
    expect(heard.length).toBeGreaterThan(20);
  });

  test("must be an object", () => {
    const loop = newEventLoop();
    expect(() => loop.addObserver("x" as never)).toThrow("Cannot add observer: expected an object, received x");
    expect(() => loop.addObserver(null as never)).toThrow(TypeError);
    expect(loop.removeObserver({})).toBe(false);
    loop.close();
  });
});
