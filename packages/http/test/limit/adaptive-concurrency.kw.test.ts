import { AdaptiveConcurrency, type AdaptiveConcurrencyOptions, type Permit } from "@tsyncio/http";
import { array, assert, asyncProperty, boolean, integer, record } from "fast-check";
import {
  CancelledError,
  type EventLoop,
  RuntimeError,
  Semaphore,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { seeded } from "./seeded.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };
const now = () => getRunningLoop().time();

/** Never more than so many. */
function fixed(limit: number): AdaptiveConcurrencyOptions {
  return { initial: limit, min: limit, max: limit };
}

describe("AdaptiveConcurrency.acquire", () => {
  test("does not suspend while there is a permit", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency(fixed(2));
      const log: string[] = [];
      const note = async () => void log.push("other");
      const other = createTask(note());
      await concurrency.acquire();
      await concurrency.acquire();
      expect(log).toEqual([]);
      await other;
    }, virtual));

  test("gives permits in the order in which they were asked for", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency(fixed(1));
      const log: string[] = [];
      const work = async (name: string) => {
        using _permit = await concurrency.acquire();
        await sleep(10);
        log.push(`${name} at ${now()}`);
      };
      await gather(work("a"), work("b"), work("c"));
      expect(log).toEqual(["a at 10", "b at 20", "c at 30"]);
      expect(concurrency.statistics()).toMatchObject({ inFlight: 0, waiters: 0 });
    }, virtual));

  test("that is cancelled holds nothing, also in the iteration in which it is granted", () =>
    run(async () => {
      for (const early of [true, false]) {
        const concurrency = new AdaptiveConcurrency(fixed(1));
        const held = await concurrency.acquire();
        const first = createTask(concurrency.acquire());
        const second = createTask(concurrency.acquire());
        await sleep(0);
        const loop = getRunningLoop();
        if (early) loop.callSoon(() => first.cancel());
        loop.callSoon(() => held.release());
        if (!early) loop.callSoon(() => first.cancel());
        const permit = await second;
        await expect(first).rejects.toBeInstanceOf(CancelledError);
        expect(concurrency.statistics()).toMatchObject({ inFlight: 1, waiters: 0 });
        permit.release();
        permit.release();
        expect(concurrency.statistics()).toMatchObject({ inFlight: 0, waiters: 0 });
      }
    }, virtual));

  test("waits on one loop only", async () => {
    const concurrency = new AdaptiveConcurrency(fixed(1));
    await run(async () => {
      const permit = await concurrency.acquire();
      const waiting = createTask(concurrency.acquire());
      await sleep(0);
      permit.release();
      await waiting;
    }, virtual);
    await expect(run(async () => void (await concurrency.acquire()), virtual)).rejects.toThrow(
      new RuntimeError(
        "Cannot wait for <AdaptiveConcurrency [1/1]>: it is bound to a different event loop; make one for each loop",
      ),
    );
  });
});

test("whatever is acquired, released and cancelled when: no permit is lost, and none is given beyond the limit", () =>
  assert(
    asyncProperty(
      integer({ min: 1, max: 5 }),
      array(
        record({
          wait: integer({ min: 0, max: 3 }),
          hold: integer({ min: 0, max: 4 }),
          cancelAfter: integer({ min: 0, max: 8 }),
          failed: boolean(),
          silent: boolean(),
        }),
        { maxLength: 40 },
      ),
      async (initial, plans) => {
        await run(async () => {
          const concurrency = new AdaptiveConcurrency({ initial, max: 8 });
          let held = 0;
          const work = async ({ wait, hold, failed, silent }: (typeof plans)[number]) => {
            await sleep(wait);
            const limit = concurrency.limit;
            const permit: Permit = await concurrency.acquire();
            held++;
            // It may have grown since, and shrunk.
            expect(held).toBeLessThanOrEqual(Math.max(limit, 8));
            try {
              await sleep(hold);
            } finally {
              held--;
              permit.release(silent ? undefined : { failed });
            }
          };
          const tasks = plans.map((plan) => {
            const task = createTask(work(plan));
            if (plan.cancelAfter > 0) getRunningLoop().callLater(plan.cancelAfter, () => task.cancel());
            return task;
          });
          for (const task of tasks) {
            try {
              await task;
            } catch (error) {
              if (!(error instanceof CancelledError)) throw error;
            }
          }
          expect(concurrency.statistics()).toMatchObject({ inFlight: 0, waiters: 0 });
          expect(held).toBe(0);
          const { limit } = concurrency;
          for (let i = 0; i < limit; i++) await concurrency.acquire();
          const beyond = createTask(concurrency.acquire());
          await sleep(0);
          expect(concurrency.statistics()).toMatchObject({ inFlight: limit, waiters: 1 });
          beyond.cancel();
          await expect(beyond).rejects.toBeInstanceOf(CancelledError);
        }, virtual);
      },
    ),
    { numRuns: 100 },
  ));

interface Server {
  /** How many requests it works on at once; the others wait. */
  capacity: (time: number) => number;
  service: (random: number) => number;
  /** More than so many at once it refuses. */
  refusesBeyond?: number;
}

/** 200 tasks ask a server for `duration`; tells what was so in the second half of it. */
async function load({ capacity, service, refusesBeyond = Infinity }: Server, initial: number, duration: number) {
  const random = seeded(initial + duration);
  const [limits, latencies]: number[][] = [[], []];
  let refused = 0;
  async function main(): Promise<void> {
    const concurrency = new AdaptiveConcurrency({ initial });
    const workers = new Semaphore(capacity(0));
    let [present, size] = [0, capacity(0)];
    const exchange = async (): Promise<boolean> => {
      await sleep(5 * random());
      if (present >= refusesBeyond) return false;
      present++;
      for (; size < capacity(now()); size++) workers.release();
      for (; size > capacity(now()); size--) await workers.acquire();
      using _worker = await workers.acquire();
      await sleep(service(random()));
      present--;
      return true;
    };
    const client = async (): Promise<void> => {
      while (now() < duration) {
        const permit = await concurrency.acquire();
        const begun = now();
        const accepted = await exchange();
        permit.release({ failed: !accepted });
        if (now() < duration / 2) continue;
        limits.push(concurrency.limit);
        if (accepted) latencies.push(now() - begun);
        else refused++;
      }
    };
    await taskGroup(async (group) => {
      for (let i = 0; i < 200; i++) group.createTask(client());
    });
  }
  await run(main(), virtual);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { limit: mean(limits), latency: mean(latencies), perSecond: latencies.length / (duration / 2_000), refused };
}

const services: Record<string, (random: number) => number> = {
  "100 ms": () => 100,
  "50 to 150 ms": (random) => 50 + 100 * random,
  "100 ms in the mean, exponentially distributed": (random) => -100 * Math.log(1 - random),
};

describe.each(Object.entries(services))("on a server that takes %s", (_name, service) => {
  test.each([
    { capacity: 1, initial: 4 },
    { capacity: 5, initial: 4 },
    { capacity: 20, initial: 4 },
    { capacity: 20, initial: 40 },
    { capacity: 60, initial: 4 },
  ])("for $capacity at once, from $initial on it uses nearly all, with short lines", async ({ capacity, initial }) => {
    const { limit, perSecond } = await load({ capacity: () => capacity, service }, initial, 1_200_000 / capacity);
    expect(perSecond).toBeGreaterThan(0.88 * 10 * capacity);
    expect(limit).toBeLessThan(2 * capacity + 5);
  });
});

describe("a limit", () => {
  test("follows a server that becomes slower, and faster again", async () => {
    const service = () => 100;
    const slower = await load({ capacity: (time) => (time < 10_000 ? 40 : 10), service }, 4, 200_000);
    expect(slower.limit).toBeLessThan(25);
    expect(slower.perSecond).toBeGreaterThan(90);
    const faster = await load({ capacity: (time) => (time < 10_000 ? 10 : 40), service }, 4, 200_000);
    expect(faster.limit).toBeGreaterThan(30);
    expect(faster.perSecond).toBeGreaterThan(360);
  });

  test("stays below what a server refuses, but for the few requests that ask for more", async () => {
    const { limit, perSecond, refused } = await load(
      { capacity: () => 1_000, service: () => 100, refusesBeyond: 30 },
      4,
      100_000,
    );
    expect(limit).toBeGreaterThan(18);
    expect(limit).toBeLessThanOrEqual(31);
    expect(refused / (50 * perSecond)).toBeLessThan(0.02);
    expect(perSecond).toBeGreaterThan(180);
  });

  test("does not grow while fewer ask than are allowed", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency({ initial: 10 });
      for (let i = 0; i < 500; i++) {
        const permit = await concurrency.acquire();
        await sleep(10);
        permit.release({});
      }
      expect(concurrency.limit).toBe(10);
    }, virtual));

  test("is shrunk once by the failures of one round, not once by each", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency({ initial: 100 });
      const permits = await gather(...Array.from({ length: 100 }, () => concurrency.acquire()));
      for (const permit of permits) permit.release({ failed: true });
      expect(concurrency.limit).toBe(70);
    }, virtual));

  test("grows although some requests fail: a tenth of them, whatever the limit, is no sign of too many", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency({ initial: 4, max: 100 });
      let asked = 0;
      const ask = async () => {
        const permit = await concurrency.acquire();
        await sleep(10);
        permit.release({ failed: ++asked % 16 === 0 });
      };
      await gather(...Array.from({ length: 5_000 }, ask));
      expect(concurrency.limit).toBeGreaterThan(50);
    }, virtual));

  test("learns nothing from what was cancelled", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency({ initial: 5 });
      for (let i = 0; i < 200; i++) (await concurrency.acquire()).release();
      expect(concurrency.statistics()).toEqual({ limit: 5, inFlight: 0, waiters: 0, latency: 0, latencyAlone: 0 });
    }, virtual));

  test("takes the time that it is told in place of its own", () =>
    run(async () => {
      const concurrency = new AdaptiveConcurrency({ initial: 1 });
      for (let i = 0; i < 20; i++) (await concurrency.acquire()).release({ elapsed: 7 });
      expect(concurrency.statistics()).toMatchObject({ latency: 7, latencyAlone: 7 });
    }, virtual));
});

test.each([
  [{ min: 0 }, "min must be an integer above 0, received 0"],
  [{ min: 5, max: 4 }, "max must be an integer and at least 5, received 4"],
  [{ initial: 0 }, "initial must be from 1 to 200, received 0"],
  [{ tolerance: 1 }, "tolerance must be above 1 and finite, received 1"],
])("refuses %o", (options, message) => {
  expect(() => new AdaptiveConcurrency(options)).toThrow(
    new RangeError(`Cannot create AdaptiveConcurrency: ${message}`),
  );
});
