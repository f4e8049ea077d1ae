import {
  Barrier,
  BoundedSemaphore,
  CancelledError,
  Condition,
  Event,
  Future,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RateLimiter,
  Semaphore,
  asCompleted,
  cancelScope,
  createTask,
  fromPromise,
  gather,
  getRunningLoop,
  mapConcurrent,
  moveOnAfter,
  shield,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
  wait,
  waitFor,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { type Scenario, inject, moments } from "./every-moment.ts";

/** Counts what is being done: everything that was begun must have ended. */
class Work {
  begun = 0;
  ended = 0;

  async do(delay: number, result?: unknown): Promise<any> {
    this.begun++;
    try {
      await sleep(delay);
      return result;
    } finally {
      this.ended++;
    }
  }

  check(): void {
    if (this.ended !== this.begun) throw new Error(`${this.begun - this.ended} of ${this.begun} did not end`);
  }
}

function lockScenario(lock: Lock | Semaphore, free: () => boolean): Scenario {
  let served = 0;
  const use = async (): Promise<void> => {
    using _guard = await lock.acquire();
    await sleep(1);
    served++;
  };
  return {
    // It comes second or third: it waits, and somebody waits behind it.
    victim: async () => (await sleep(0), await use()),
    others: [use, use, async () => (await sleep(0), await use())],
    check(cancelled) {
      expect(served).toBe(cancelled ? 3 : 4);
      expect(free()).toBe(true);
      expect(lock.statistics().waiters).toBe(0);
    },
  };
}

function queueScenario(queue: Queue<number>, victimGets: boolean): Scenario {
  const items = [1, 2, 3, 4];
  const put: number[] = [];
  const got: number[] = [];
  const getting = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) got.push(await queue.get());
  };
  const putting = async (values: number[], delay: number): Promise<void> => {
    for (const value of values) {
      await sleep(delay);
      await queue.put(value);
      put.push(value);
    }
  };
  const rest = async (): Promise<void> => {
    // Later than what the other getter gets.
    await sleep(victimGets ? 10 : 2);
    for (let i = 0; i < 20; i++) {
      while (!queue.empty()) got.push(queue.getNowait());
      await sleep(0.5);
    }
  };
  return {
    victim: () => (victimGets ? getting(3) : putting(items.slice(0, 3), 0)),
    others: victimGets
      ? [() => putting(items, 1), () => getting(1), rest]
      : [() => getting(1), () => putting(items.slice(3), 1), rest],
    check() {
      expect(got.toSorted()).toEqual(put.toSorted());
      const { getters, putters, size } = queue.statistics();
      expect({ getters, putters, size }).toEqual({ getters: 0, putters: 0, size: 0 });
    },
  };
}

const scenarios: Record<string, () => Scenario> = {
  sleep: () => ({ victim: () => sleep(2), check() {} }),
  "a future": () => {
    const future = new Future<number>();
    return {
      victim: () => future,
      others: [async () => (await sleep(2), future.done() || future.setResult(1))],
      check: () => expect(future.done()).toBe(true),
    };
  },
  "a task": () => {
    const work = new Work();
    return {
      victim: async () => {
        const task = createTask(work.do(2));
        try {
          await task;
        } finally {
          expect(task.done()).toBe(true);
        }
      },
      check: () => work.check(),
    };
  },
  fromPromise: () => {
    let listeners = 0;
    return {
      victim: () =>
        fromPromise(
          (signal) =>
            new Promise<void>((resolve, reject) => {
              const gaveUp = (): void => (listeners--, reject(signal.reason));
              getRunningLoop().callLater(2, () => {
                if (signal.aborted) return;
                signal.removeEventListener("abort", gaveUp);
                listeners--;
                resolve();
              });
              signal.addEventListener("abort", gaveUp, { once: true });
              listeners++;
            }),
        ),
      others: [() => sleep(10)],
      check: () => expect(listeners).toBe(0),
    };
  },
  Lock: () => {
    const lock = new Lock();
    return lockScenario(lock, () => !lock.locked());
  },
  Semaphore: () => {
    const semaphore = new Semaphore(2);
    return lockScenario(semaphore, () => semaphore.statistics().value === 2);
  },
  BoundedSemaphore: () => {
    const semaphore = new BoundedSemaphore(1);
    return lockScenario(semaphore, () => semaphore.statistics().value === 1);
  },
  Event: () => {
    const event = new Event();
    let woken = 0;
    const waiting = async (): Promise<void> => void (await event.wait(), woken++);
    return {
      victim: waiting,
      others: [waiting, async () => (await sleep(2), event.set())],
      check(cancelled) {
        expect(woken).toBe(cancelled ? 1 : 2);
        expect(event.statistics().waiters).toBe(0);
      },
    };
  },
  "Condition.wait": () => {
    const condition = new Condition();
    const woken: string[] = [];
    const waiting = async (name: string): Promise<void> => {
      using _guard = await condition.acquire();
      await condition.wait();
      woken.push(name);
      await sleep(1);
    };
    const notifying = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(1);
        using _guard = await condition.acquire();
        condition.notify();
      }
    };
    return {
      victim: () => waiting("victim"),
      others: [() => waiting("second"), () => waiting("third"), notifying],
      check(cancelled) {
        // A notification that met the cancelled one goes to the next: nobody sleeps for ever.
        expect(woken).toEqual(expect.arrayContaining(["second", "third"]));
        if (!cancelled) expect(woken).toContain("victim");
        expect(condition.locked()).toBe(false);
      },
    };
  },
  "Condition.waitFor": () => {
    const condition = new Condition();
    let stock = 0;
    let taken = 0;
    const taking = async (): Promise<void> => {
      using _guard = await condition.acquire();
      await condition.waitFor(() => stock > 0);
      stock--;
      taken++;
    };
    const bringing = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(1);
        using _guard = await condition.acquire();
        stock++;
        condition.notify();
      }
    };
    return {
      victim: taking,
      others: [taking, taking, bringing],
      check(cancelled) {
        expect([taken, stock]).toEqual(cancelled ? [2, 1] : [3, 0]);
        expect(condition.locked()).toBe(false);
      },
    };
  },
  Barrier: () => {
    const barrier = new Barrier(2);
    let passed = 0;
    const passing = async (): Promise<void> => {
      await barrier.wait();
      passed++;
    };
    return {
      victim: passing,
      // The one without a partner is let go at the end.
      others: [
        async () => (await sleep(1), await passing()),
        async () => {
          await sleep(10);
          if (barrier.nWaiting === 1) await passing();
        },
      ],
      check() {
        expect([0, 1, 2]).toContain(passed);
        expect(barrier.nWaiting).toBe(0);
        expect(barrier.broken).toBe(false);
      },
    };
  },
  RateLimiter: () => {
    const limiter = new RateLimiter({ rate: 1, per: 1, burst: 1 });
    let served = 0;
    const asking = async (): Promise<void> => void (await limiter.acquire(), served++);
    return {
      victim: asking,
      others: [asking, asking, () => sleep(10)],
      check(cancelled) {
        expect(served).toBe(cancelled ? 2 : 3);
        expect(limiter.statistics().waiters).toBe(0);
      },
    };
  },
  "RateLimiter.acquireAll": () => {
    const requests = new RateLimiter({ rate: 1, per: 1, burst: 1 });
    const tokens = new RateLimiter({ rate: 10, per: 1, burst: 10 });
    let served = 0;
    const asking = async (): Promise<void> => {
      await RateLimiter.acquireAll([
        [requests, 1],
        [tokens, 10],
      ]);
      served++;
    };
    return {
      victim: asking,
      others: [asking, asking, () => sleep(10)],
      check(cancelled) {
        expect(served).toBe(cancelled ? 2 : 3);
        expect([requests.statistics().waiters, tokens.statistics().waiters]).toEqual([0, 0]);
      },
    };
  },
  "Queue.get": () => queueScenario(new Queue(), true),
  "Queue.put": () => queueScenario(new Queue(1), false),
  "PriorityQueue.get": () => queueScenario(new PriorityQueue(1), true),
  "LifoQueue.put": () => queueScenario(new LifoQueue(1), false),
  "Queue.join": () => {
    const queue = new Queue<number>();
    for (const n of [1, 2, 3]) queue.putNowait(n);
    return {
      victim: () => queue.join(),
      others: [
        async () => {
          while (!queue.empty()) {
            await queue.get();
            await sleep(1);
            queue.taskDone();
          }
        },
        () => queue.join(),
      ],
      check: () => expect(queue.statistics().unfinished).toBe(0),
    };
  },
  gather: () => {
    const work = new Work();
    return { victim: () => gather(work.do(1), work.do(2), work.do(0)), check: () => work.check() };
  },
  "gather with returnExceptions": () => {
    const work = new Work();
    return { victim: () => gather([work.do(1), work.do(2)], { returnExceptions: true }), check: () => work.check() };
  },
  "gather with a limit": () => {
    const work = new Work();
    const jobs = function* (): Generator<Promise<unknown>> {
      for (let i = 0; i < 5; i++) yield work.do(1);
    };
    return { victim: () => gather(jobs(), { limit: 2 }), check: () => work.check() };
  },
  wait: () => {
    const work = new Work();
    return {
      victim: async () => {
        const tasks = [createTask(work.do(1)), createTask(work.do(2))];
        try {
          await wait(tasks);
        } finally {
          // wait() cancels nothing: this does.
          for (const task of tasks) task.cancel();
        }
      },
      check: () => work.check(),
    };
  },
  waitFor: () => {
    const queue = new Queue<number>();
    const got: number[] = [];
    return {
      victim: async () => void got.push(await waitFor(queue.get(), 3)),
      others: [async () => (await sleep(2), queue.putNowait(1))],
      check: () => expect(got.length + queue.qsize()).toBe(1),
    };
  },
  "waitFor of what takes too long": () => {
    const work = new Work();
    return {
      victim: async () => {
        try {
          await waitFor(work.do(10), 2);
        } catch (error) {
          if (error instanceof CancelledError) throw error;
        }
      },
      check: () => work.check(),
    };
  },
  shield: () => {
    const work = new Work();
    return { victim: () => shield(work.do(2)), others: [() => sleep(10)], check: () => work.check() };
  },
  "asCompleted, plain": () => {
    const work = new Work();
    return {
      victim: async () => {
        const tasks = [createTask(work.do(2)), createTask(work.do(1))];
        try {
          for (const next of asCompleted(tasks, { timeout: 5 })) await next;
        } finally {
          for (const task of tasks) task.cancel();
        }
      },
      check: () => work.check(),
    };
  },
  "asCompleted, for await": () => {
    const work = new Work();
    return {
      victim: async () => {
        const tasks = [createTask(work.do(2)), createTask(work.do(1))];
        try {
          for await (const task of asCompleted(tasks, { timeout: 5 })) expect(task.done()).toBe(true);
        } finally {
          for (const task of tasks) task.cancel();
        }
      },
      check: () => work.check(),
    };
  },
  mapConcurrent: () => {
    const work = new Work();
    let open = 0;
    async function* source(): AsyncGenerator<number> {
      open++;
      try {
        for (let i = 0; i < 4; i++) {
          await sleep(0);
          yield i;
        }
      } finally {
        open--;
        await sleep(0);
      }
    }
    return {
      victim: async () => {
        for await (const _ of mapConcurrent(source(), (n) => work.do(1, n), { limit: 2 })) await sleep(0);
      },
      check() {
        work.check();
        expect(open).toBe(0);
      },
    };
  },
  timeout: () => {
    const work = new Work();
    return { victim: () => timeout(5, () => work.do(2)), check: () => work.check() };
  },
  "timeout that strikes": () => {
    const work = new Work();
    return {
      victim: async () => {
        try {
          await timeout(2, () => work.do(5));
        } catch (error) {
          if (error instanceof CancelledError) throw error;
        }
      },
      check: () => work.check(),
    };
  },
  timeoutAt: () => {
    const work = new Work();
    return { victim: () => timeoutAt(getRunningLoop().time() + 5, () => work.do(2)), check: () => work.check() };
  },
  moveOnAfter: () => {
    const work = new Work();
    return { victim: () => moveOnAfter(2, () => work.do(5)), check: () => work.check() };
  },
  taskGroup: () => {
    const work = new Work();
    return {
      victim: () =>
        taskGroup(async (tg) => {
          tg.createTask(work.do(1));
          tg.createTask(work.do(3));
          await work.do(2);
        }),
      check: () => work.check(),
    };
  },
  "TaskGroup.start": () => {
    const work = new Work();
    return {
      victim: () =>
        taskGroup(async (tg) => {
          await tg.start(async (started) => {
            await work.do(1);
            started();
            await work.do(2);
          });
          await work.do(1);
        }),
      check: () => work.check(),
    };
  },
  cancelScope: () => {
    const work = new Work();
    return {
      victim: () =>
        cancelScope(async (scope) => {
          await work.do(1);
          scope.cancel();
          await work.do(1);
        }),
      check: () => work.check(),
    };
  },
  "an async generator": () => {
    let open = 0;
    async function* counting(): AsyncGenerator<number> {
      open++;
      try {
        for (let i = 0; i < 3; i++) {
          await sleep(1);
          yield i;
        }
      } finally {
        open--;
        await sleep(0);
      }
    }
    return {
      victim: async () => {
        for await (const _ of counting()) await sleep(0);
      },
      check: () => expect(open).toBe(0),
    };
  },
};

describe("a cancellation at any moment loses nothing and leaves nothing behind", () => {
  test.each(Object.entries(scenarios))("%s", async (_, make) => {
    const outcomes = new Set<boolean>();
    for (const moment of moments()) {
      try {
        outcomes.add(await inject(make, moment));
      } catch (error) {
        throw new Error(
          `cancelled ${moment.milliseconds} ms and ${moment.iterations} iterations after the start, ${moment.turn} in its turn`,
          { cause: error },
        );
      }
    }
    // The moments reach from before its first step to after its end.
    expect(outcomes).toEqual(new Set([true, false]));
  });
});
