import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { Lock, RateLimiter, Semaphore, type Task, createTask, currentTask, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { Line, type Step, play, schedules } from "./random-schedule.ts";

const step = record({
  kind: constantFrom("work", "work", "cancel", "pause"),
  who: integer({ min: 0, max: 30 }),
  turns: integer({ min: 0, max: 3 }),
});

async function playLock(schedule: Step<"work">[]) {
  const lock = new Lock();
  const line = new Line();
  let holder: Task | null = null;
  const work = async (turns: number) => {
    // Who releases it and asks again without suspending stands behind the others.
    for (let again = turns % 2; again >= 0; again--) {
      using _guard = await line.wait(lock.acquire());
      expect(holder === null).toBe(true);
      holder = currentTask();
      try {
        for (let i = 0; i < turns; i++) await sleep(0);
      } finally {
        holder = null;
      }
    }
  };
  const atAnyMoment = () => {
    const told = lock.statistics();
    if (told.locked !== (holder !== null) || told.holder !== holder)
      throw new Error(`${String(lock)} has another holder`);
  };
  const atRest = (pending: number) => {
    expect(pending).toBe(0);
    expect(lock.statistics()).toEqual({ locked: false, holder: null, waiters: 0 });
  };
  await play(schedule, { jobs: { work }, atAnyMoment, atRest });
}

async function playSemaphore(value: number, schedule: Step<"work" | "keep" | "add">[]) {
  const semaphore = new Semaphore(value);
  const line = new Line();
  let total = value;
  let held = 0;
  const take = async () => {
    await line.wait(semaphore.acquire());
    held++;
  };
  const jobs = {
    work: async (turns: number) => {
      for (let again = turns % 2; again >= 0; again--) {
        await take();
        try {
          for (let i = 0; i < turns; i++) await sleep(0);
        } finally {
          held--;
          semaphore.release();
        }
      }
    },
    keep: take,
    add: (turns: number) => {
      for (let i = 0; i <= turns; i++) {
        total++;
        semaphore.release();
      }
    },
  };
  const atAnyMoment = () => {
    const free = semaphore.statistics().value;
    if (held + free > total) throw new Error(`${held} permits are held and ${free} free of ${total}`);
  };
  const atRest = (pending: number) => {
    const free = total - held;
    expect(semaphore.statistics()).toEqual({ value: free, waiters: pending });
    expect(Math.min(free, pending)).toBe(0);
  };
  await play(schedule, { jobs, atAnyMoment, atRest });
}

describe("whatever is cancelled and when", () => {
  test("a lock is held by one task at a time, by all in the order in which they asked, and nobody waits for a free one", () =>
    assert(
      asyncProperty(schedules({ work: 9 }), (schedule) => run(playLock(schedule))),
      { numRuns: 60 },
    ));

  test("a semaphore neither loses nor makes permits, gives them in the order in which they were asked for, and keeps none back", () =>
    assert(
      asyncProperty(integer({ min: 0, max: 3 }), schedules({ work: 4, keep: 8, add: 3 }), (value, schedule) =>
        run(playSemaphore(value, schedule)),
      ),
      { numRuns: 60 },
    ));

  test("rate limiters give no more tokens than come, and serve everybody who is not cancelled", () =>
    assert(
      asyncProperty(array(step, { maxLength: 60, size: "max" }), (steps) =>
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
