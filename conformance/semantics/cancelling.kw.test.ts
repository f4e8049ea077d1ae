import {
  Barrier,
  CancelledError,
  Condition,
  Event,
  type EventLoop,
  type Executor,
  Future,
  Lock,
  Queue,
  Semaphore,
  asCompleted,
  createTask,
  gather,
  sleep,
  shield,
  wait,
  waitFor,
} from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay, iterationsFromHere } from "./iterations.ts";

/** Something to wait in, and what is to be so after the task that waited there was cancelled. */
interface Parked {
  readonly in: () => PromiseLike<unknown>;
  readonly state?: () => unknown;
  readonly left?: unknown;
  readonly iterations?: number;
}

async function nested(depth: number): Promise<void> {
  await (depth === 0 ? sleep(10_000) : nested(depth - 1));
}

async function notified(condition: Condition): Promise<void> {
  using _guard = await condition.acquire();
  await condition.wait();
}

async function anyOf(future: Future<unknown>): Promise<void> {
  for await (const _ of asCompleted([future]));
}

/** asyncio's table of what `task.cancel()` does, by where the task is parked; the iterations are measured. */
const places: Record<string, (loop: EventLoop) => Parked | PromiseLike<Parked>> = {
  "a future, which is cancelled"() {
    const future = new Future<void>();
    return { in: () => future, state: () => future.cancelled(), left: true };
  },
  "a sleep": () => ({ in: () => sleep(10_000) }),
  "a sleep(0) that comes again and again": () => ({ in: () => giveWay(1000) }),
  "a coroutine in a coroutine": () => ({ in: () => nested(3) }),
  async "Lock.acquire()"() {
    const lock = new Lock();
    await lock.acquire();
    return { in: () => lock.acquire(), state: () => lock.statistics().waiters, left: 0 };
  },
  "Semaphore.acquire()"() {
    const semaphore = new Semaphore(0);
    return { in: () => semaphore.acquire(), state: () => semaphore.statistics(), left: { value: 0, waiters: 0 } };
  },
  "Condition.wait(), whose lock is free"() {
    const condition = new Condition();
    return { in: () => notified(condition), state: () => condition.locked(), left: false };
  },
  "Event.wait()"() {
    const event = new Event();
    return { in: () => event.wait(), state: () => event.statistics().waiters, left: 0 };
  },
  "Barrier.wait(), which counts it no longer"() {
    const barrier = new Barrier(2);
    return { in: () => barrier.wait(), state: () => [barrier.nWaiting, barrier.broken], left: [0, false] };
  },
  "Queue.get()"() {
    const queue = new Queue();
    return { in: () => queue.get(), state: () => queue.statistics().getters, left: 0 };
  },
  "Queue.put(), which puts nothing"() {
    const queue = new Queue(1);
    queue.putNowait("first");
    return {
      in: () => queue.put("second"),
      state: () => [queue.qsize(), queue.statistics().putters],
      left: [1, 0],
    };
  },
  "Queue.join()"() {
    const queue = new Queue();
    queue.putNowait("item");
    return { in: () => queue.join(), state: () => queue.statistics().unfinished, left: 1 };
  },
  "a shield, whose inner side goes on"() {
    const inner = new Future<void>();
    return { in: () => shield(inner), state: () => inner.done(), left: false };
  },
  "wait(), whose futures go on"() {
    const future = new Future<void>();
    return { in: () => wait([future], { timeout: 10_000 }), state: () => future.done(), left: false };
  },
  "asCompleted(), whose futures go on"() {
    const future = new Future<void>();
    return { in: () => anyOf(future), state: () => future.done(), left: false };
  },
  "waitFor() of a coroutine": () => ({ in: () => waitFor(nested(3), 5000) }),
  "a task, which is cancelled first"() {
    const inner = createTask(sleep(10_000));
    return { in: () => inner, state: () => [inner.cancelled(), inner.cancelling()], left: [true, 1], iterations: 2 };
  },
  "a gather, whose children are cancelled first"() {
    const child = new Future<void>();
    return { in: () => gather(child), state: () => child.cancelled(), left: true, iterations: 2 };
  },
};

test.each(Object.entries(places))(
  "a cancelled task hears of it in the iteration of asyncio's when it waits in %s",
  async (_, place) =>
    eitherStart(async ({ loop, log }) => {
      const { in: waiting, state = () => null, left = null, iterations: expected = 1 } = await place(loop);
      let iterations = iterationsFromHere();
      const task = createTask(
        (async () => {
          try {
            await waiting();
          } catch (error) {
            log.push(iterations(), error);
            throw error;
          }
        })(),
      );
      await giveWay(3);
      iterations = iterationsFromHere();
      expect(task.cancel("why")).toBe(true);
      await thrownBy(task);
      expect(log.splice(0)).toEqual([expected, new CancelledError("why")]);
      expect([task.cancelled(), state()]).toEqual([true, left]);
      expect(loop.statistics().timers).toBe(0);
    }),
);

test("a cancelled waitFor() of a coroutine unwinds all of it within one iteration, from the inside, and drops its timer", () =>
  eitherStart(async ({ loop, log }) => {
    let iterations = iterationsFromHere();
    const layer = async (name: string, inner: () => PromiseLike<unknown>): Promise<void> => {
      try {
        await inner();
      } finally {
        log.push(`${name} ${iterations()}`);
      }
    };
    const limited = (): PromiseLike<void> =>
      waitFor(
        layer("outer", () => layer("inner", () => sleep(10_000))),
        5000,
      );
    const task = createTask(layer("around", limited));
    await giveWay(2);
    iterations = iterationsFromHere();
    task.cancel();
    await thrownBy(task);
    expect(log.splice(0)).toEqual(["inner 1", "outer 1", "around 1"]);
    expect(loop.statistics().timers).toBe(0);
  }));

test("a cancelled waitFor() of a task hands the request on, and waits for that task to end", () =>
  eitherStart(async ({ log }) => {
    const inner = createTask(
      (async () => {
        try {
          await sleep(10_000);
        } finally {
          await giveWay(3);
          log.push("cleaned up");
        }
      })(),
    );
    const outer = createTask(waitFor(inner, 5000));
    await giveWay(2);
    outer.cancel("why");
    expect([outer.cancelling(), inner.cancelling()]).toEqual([1, 1]);
    outer.addDoneCallback(() => log.push("ended"));
    expect(await thrownBy(outer)).toEqual(new CancelledError("why"));
    await sleep(0);
    expect(log.splice(0)).toEqual(["cleaned up", "ended"]);
    expect(inner.cancelled()).toBe(true);
  }));

/** A child that takes so many iterations to clean up. */
async function child(log: unknown[], name: string, iterations: number): Promise<void> {
  try {
    await sleep(10_000);
  } finally {
    await giveWay(iterations);
    log.push(name);
  }
}

test.each([
  [false, ["quick", "gather", "slow"]],
  [true, ["quick", "slow", "gather"]],
])(
  "a cancelled gather with returnExceptions: %s asks all children, and ends in this order: %s",
  (returnExceptions, order) =>
    eitherStart(async ({ log }) => {
      const task = createTask(
        (async () => {
          try {
            await gather([child(log, "slow", 5), child(log, "quick", 0)], { returnExceptions });
          } finally {
            log.push("gather");
          }
        })(),
      );
      await giveWay(3);
      task.cancel("why");
      expect(await thrownBy(task)).toEqual(new CancelledError("why"));
      await giveWay(6);
      expect(log.splice(0)).toEqual(order);
      expect(task.cancelled()).toBe(true);
    }),
);

test("a task that is cancelled while others leave the barrier, before it was let in, is never counted", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(3);
    const pass = async (name: string): Promise<void> => {
      try {
        log.push(`${name} ${await barrier.wait()}`);
      } catch (error) {
        log.push(`${name} cancelled`);
        throw error;
      }
    };
    for (const name of ["a", "b"]) createTask(pass(name));
    await sleep(0);
    createTask(pass("c"));
    const early = createTask(pass("early"));
    await sleep(0);
    expect([log, barrier.statistics().state]).toEqual([["c 2"], "draining"]);
    early.cancel();
    await giveWay(2);
    expect([log, barrier.nWaiting]).toEqual([["c 2", "a 0", "b 1", "early cancelled"], 0]);
    for (const name of ["d", "e", "f"]) createTask(pass(name));
    await giveWay(4);
    expect(log.slice(4)).toEqual(["f 2", "d 0", "e 1"]);
  }));

test("a task that is cancelled while it waits for an executor does not wait for the work, which runs on; its result is dropped", () =>
  program(async ({ loop, log }) => {
    let finish!: (value: string) => void;
    const work = new Promise<string>((resolve) => void (finish = resolve));
    const executor: Executor = { submit: (fn, ...args) => work.then(() => fn(...args)) as never };
    const future = loop.runInExecutor(executor, () => void log.push("the work ended"));
    const waiter = createTask((async () => future)());
    await giveWay(2);
    waiter.cancel();
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    log.push("the wait ended");
    finish("now");
    await work;
    await sleep(1);
    expect(log).toEqual(["the wait ended", "the work ended"]);
    expect([future.cancelled(), waiter.cancelled()]).toEqual([true, true]);
  }));

test("a task that is cancelled again and again while Condition.wait() takes the lock back throws the last cancellation, with the lock held", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const task = createTask(
      (async () => {
        using _guard = await condition.acquire();
        try {
          await condition.wait();
        } catch (error) {
          log.push(error, condition.locked());
          throw error;
        }
      })(),
    );
    await sleep(0);
    await condition.acquire();
    condition.notify();
    await sleep(0);
    for (const message of ["a", "b", "c"]) {
      task.cancel(message);
      await giveWay(2);
    }
    expect([log, task.cancelling()]).toEqual([[], 3]);
    condition.release();
    expect(await thrownBy(task)).toEqual(new CancelledError("c"));
    expect(log).toEqual([new CancelledError("c"), true]);
  }));
