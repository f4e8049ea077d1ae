import { type EventLoop, KeyboardInterrupt, Runner, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { thrownBy } from "../thrown-by.ts";

function freshLoop(): EventLoop {
  return newEventLoop({ host: new VirtualHost() });
}

test("runUntilComplete() of a future that is done runs one iteration: what was ready runs, what that adds waits for the next run", async () => {
  const loop = freshLoop();
  const log: string[] = [];
  const future = loop.createFuture<number>();
  future.setResult(7);
  loop.callSoon(() => {
    log.push("was ready");
    loop.callSoon(() => log.push("was added"));
  });
  expect(await loop.runUntilComplete(future)).toBe(7);
  expect([log, loop.statistics().ready]).toEqual([["was ready"], 1]);
  expect(await loop.runUntilComplete(future)).toBe(7);
  expect(log).toEqual(["was ready", "was added"]);
  loop.close();
});

test("after stop(), runUntilComplete() has one iteration: enough for a coroutine that never waits, and the task of another one can be run again", async () => {
  const loop = freshLoop();
  loop.stop();
  expect(await loop.runUntilComplete((async () => "never waits")())).toBe("never waits");
  loop.stop();
  const task = loop.createTask(sleep(0, "gave way"));
  expect(await thrownBy(loop.runUntilComplete(task))).toMatchObject({
    code: "TSYNCIO_RUNTIME",
    message: "Cannot give the result: the event loop was stopped before the future was done",
  });
  expect(task.done()).toBe(false);
  expect(await loop.runUntilComplete(task)).toBe("gave way");
  loop.close();
});

test("timers and tasks of one run go on in the next one", async () => {
  const loop = freshLoop();
  const log: string[] = [];
  loop.callLater(10, () => log.push("the timer"));
  const task = loop.createTask(sleep(5, "the task"));
  await loop.runUntilComplete(sleep(0));
  expect([log, task.done()]).toEqual([[], false]);
  await loop.runUntilComplete(sleep(20));
  expect([log, task.result()]).toEqual([["the timer"], "the task"]);
  loop.close();
});

test.each(["a coroutine", "a task"])(
  "a KeyboardInterrupt of %s that runUntilComplete() was given is thrown there, and not reported again",
  async (given) => {
    const loop = freshLoop();
    const heard: string[] = [];
    loop.setExceptionHandler((_, { message }) => void heard.push(message));
    const runner = new Runner({ loopFactory: () => loop });
    runner.getLoop();
    const interrupted = async (): Promise<void> => {
      throw new KeyboardInterrupt("from inside");
    };
    const main = given === "a task" ? loop.createTask(interrupted()) : interrupted();
    expect(await thrownBy(loop.runUntilComplete(main))).toEqual(new KeyboardInterrupt("from inside"));
    // Closing reports every failure that nobody has read.
    await runner.close();
    expect(heard).toEqual([]);
  },
);

test("a loop that is closed abandons its tasks: they stay pending, and nothing of them runs or is reported any more", async () => {
  const host = new VirtualHost();
  const loop = newEventLoop({ host });
  const log: string[] = [];
  loop.setExceptionHandler((_, { message }) => void log.push(message));
  const abandoned = async (): Promise<void> => {
    try {
      await sleep(5);
      log.push("woke");
    } finally {
      log.push("cleaned up");
    }
  };
  const task = loop.createTask(abandoned());
  await loop.runUntilComplete(sleep(0));
  loop.close();
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => host.schedule(resolve));
  expect([log, task.done(), loop.statistics()]).toMatchObject([[], false, { ready: 0, timers: 0, tasks: 1 }]);
});
