import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { type Guard, Lock, RateLimiter, Semaphore, createTask, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const step = record({
  kind: constantFrom("work", "work", "cancel", "pause"),
  who: integer({ min: 0, max: 30 }),
  turns: integer({ min: 0, max: 3 }),
});
type Step = typeof step extends { generate(...args: never[]): { value: infer S } } ? S : never;

interface Permits {
  acquire(): PromiseLike<Guard>;
  readonly permits: number;
}

/** Tasks that hold a permit for some iterations and cancel each other. Gives the most that held one at a time. */
async function play({ acquire }: Pick<Permits, "acquire">, steps: readonly Step[]) {
  let [held, most] = [0, 0];
  const work = async (turns: number) => {
    using _permit = await acquire();
    most = Math.max(most, ++held);
    try {
      for (let i = 0; i < turns; i++) await sleep(0);
    } finally {
      held--;
    }
  };
  const tasks = [];
  for (const { kind, who, turns } of steps) {
    if (kind === "work") tasks.push(createTask(work(turns)));
    else if (kind === "cancel" && tasks.length > 0) tasks[who % tasks.length].cancel();
    else await sleep(0);
  }
  while (!tasks.every((task) => task.done())) await sleep(0);
  return most;
}

describe("whatever is cancelled and when", () => {
  test("a lock is held by one task at a time, and free in the end", () =>
    assert(
      asyncProperty(array(step, { maxLength: 60 }), (steps) =>
        run(async () => {
          const lock = new Lock();
          expect(await play({ acquire: () => lock.acquire() }, steps)).toBeLessThanOrEqual(1);
          expect(lock.statistics()).toEqual({ locked: false, holder: null, waiters: 0 });
        }),
      ),
      { numRuns: 100 },
    ));

  test("a semaphore gives no more permits than it has, and has them all in the end", () =>
    assert(
      asyncProperty(integer({ min: 1, max: 3 }), array(step, { maxLength: 60 }), (value, steps) =>
        run(async () => {
          const semaphore = new Semaphore(value);
          expect(await play({ acquire: () => semaphore.acquire() }, steps)).toBeLessThanOrEqual(value);
          expect(semaphore.statistics()).toEqual({ value, waiters: 0 });
        }),
      ),
      { numRuns: 100 },
    ));

  test("rate limiters give no more tokens than come, and serve everybody who is not cancelled", () =>
    assert(
      asyncProperty(array(step, { maxLength: 60 }), (steps) =>
        run(
          async () => {
            const [requests, tokens] = [5, 10].map((rate) => new RateLimiter({ rate, per: 10, burst: 5 }));
            let [taken, asked] = [0, 0];
            const work = async (amount: number) => {
              asked++;
              if (amount === 0) await requests.acquire();
              else
                await RateLimiter.acquireAll([
                  [tokens, amount],
                  [requests, 1],
                ]);
              taken++;
            };
            const tasks = [];
            for (const { kind, who, turns } of steps) {
              if (kind === "work") tasks.push(createTask(work(turns)));
              else if (kind === "cancel" && tasks.length > 0) tasks[who % tasks.length].cancel();
              else await sleep(1);
            }
            const start = tasks.length > 0 ? tasks[0].getLoop().time() : 0;
            while (!tasks.every((task) => task.done())) await sleep(1);
            const end = tasks.length > 0 ? tasks[0].getLoop().time() : start;
            expect(taken).toBe(tasks.filter((task) => !task.cancelled()).length);
            expect(taken).toBeLessThanOrEqual(asked);
            expect(taken).toBeLessThanOrEqual(5 + end / 2);
            expect(requests.statistics().waiters + tokens.statistics().waiters).toBe(0);
            await sleep(100);
            expect([requests.statistics().available, tokens.statistics().available]).toEqual([5, 5]);
          },
          { loopFactory: () => newEventLoop({ host: new VirtualHost() }) },
        ),
      ),
      { numRuns: 60 },
    ));
});
