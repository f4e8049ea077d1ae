import { assert, asyncProperty, constantFrom, double, integer } from "fast-check";
import { RateLimits, type RateOptions } from "@tsyncio/http";
import { type EventLoop, getRunningLoop, newEventLoop, run, sleep, taskGroup } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { seeded } from "./seeded.ts";
import { type CountingServer, fixedWindows, slidingWindow, tokenBucket } from "./simulated-servers.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };

interface Traffic {
  readonly rate: RateOptions & { readonly per: number };
  /** In which dimension; requests take one each. */
  readonly dimension: "requests" | "tokens";
  readonly amounts: () => number;
  /** How long a request may be on its way: any time up to this. */
  readonly jitter: number;
  readonly duration: number;
  readonly random: () => number;
}

/** Sends as much as the limits allow, with many tasks. Gives how much of the permitted rate was let in, and what was refused. */
async function sent(server: CountingServer, traffic: Traffic): Promise<{ share: number; refused: number }> {
  const { rate, dimension, amounts, jitter, duration, random } = traffic;
  let used = 0;
  let refused = 0;
  async function main(): Promise<void> {
    const limits = new RateLimits({ [dimension]: rate });
    const loop = getRunningLoop();
    async function client(): Promise<void> {
      for (;;) {
        const amount = amounts();
        using _reservation = await limits.reserve({ [dimension]: amount });
        await sleep(random() * jitter);
        if (loop.time() >= duration) return;
        if (server.accepts(amount, loop.time())) used += amount;
        else refused++;
        await sleep(random() * 2 * jitter);
      }
    }
    await taskGroup(async (group) => {
      const inFlight = Math.ceil((rate.rate * 3 * jitter) / rate.per);
      for (let i = 0; i < inFlight + 10; i++) group.createTask(client());
    });
  }
  await run(main(), virtual);
  return { share: used / ((rate.rate * duration) / rate.per), refused };
}

const servers: Record<string, (rate: number, per: number) => CountingServer> = {
  "fixed windows": (rate, per) => fixedWindows(rate, per, 0),
  "fixed windows that began before": (rate, per) => fixedWindows(rate, per, 0.37 * per),
  "a sliding window": slidingWindow,
  "a bucket of the whole rate": (rate, per) => tokenBucket(rate, per, rate),
  "a bucket of a tenth of it": (rate, per) => tokenBucket(rate, per, rate / 10),
};

describe.each(Object.entries(servers))("a server with %s", (_name, server) => {
  test.each([
    { rate: 20, per: 1_000 },
    { rate: 500, per: 1_000 },
    { rate: 600, per: 60_000 },
    { rate: 2_000, per: 10_000 },
  ])("refuses nothing, and 95 percent of $rate in $per ms are used", async ({ rate, per }) => {
    const { share, refused } = await sent(server(rate, per), {
      rate: { rate, per },
      dimension: "requests",
      amounts: () => 1,
      jitter: 0.02 * per,
      duration: 10 * per,
      random: seeded(rate),
    });
    expect(refused).toBe(0);
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThanOrEqual(1);
  });

  test("refuses nothing of requests that cost this or that, and 95 percent are used", async () => {
    const random = seeded(7);
    const { share, refused } = await sent(server(90_000, 60_000), {
      rate: { rate: 90_000, per: 60_000 },
      dimension: "tokens",
      amounts: () => Math.ceil(1_500 * random() ** 2),
      jitter: 1_200,
      duration: 1_200_000,
      random,
    });
    expect(refused).toBe(0);
    expect(share).toBeGreaterThan(0.95);
  });
});

test.each(["fixed windows", "fixed windows that began before", "a sliding window", "a bucket of the whole rate"])(
  "a burst of the whole rate suits a server with %s",
  async (name) => {
    const { share, refused } = await sent(servers[name](100, 1_000), {
      rate: { rate: 100, per: 1_000, burst: 100 },
      dimension: "requests",
      amounts: () => 1,
      jitter: 20,
      duration: 20_000,
      random: seeded(3),
    });
    expect(refused).toBe(0);
    expect(share).toBeGreaterThan(0.95);
  },
);

test("whatever the rate, the burst and the costs: no window ever holds more, and the rate is used", () =>
  assert(
    asyncProperty(
      integer({ min: 5, max: 300 }),
      constantFrom(100, 1_000, 60_000),
      double({ min: 0.01, max: 1, noNaN: true }),
      double({ min: 0.001, max: 1, noNaN: true }),
      integer(),
      async (rate, per, burst, largest, seed) => {
        const random = seeded(seed);
        const taken: { at: number; amount: number }[] = [];
        await run(async () => {
          const limits = new RateLimits({ work: { rate, per, burst: burst * rate, margin: 0 } });
          for (let i = 0; i < 300; i++) {
            const amount = random() * largest * rate;
            if (random() < 0.1) await sleep(random() * per);
            await limits.reserve({ work: amount });
            taken.push({ at: getRunningLoop().time(), amount });
          }
        }, virtual);
        let first = 0;
        let inWindow = 0;
        for (const { at, amount } of taken) {
          inWindow += amount;
          // Times are sums of fractions.
          while (taken[first].at <= at - per + 1e-6) inWindow -= taken[first++].amount;
          expect(inWindow).toBeLessThanOrEqual(rate + 1e-6);
        }
      },
    ),
    { numRuns: 60 },
  ));
