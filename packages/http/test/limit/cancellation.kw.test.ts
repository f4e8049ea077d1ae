import { RateLimits, type Reservation } from "@tsyncio/http";
import { CancelledError, type EventLoop, createTask, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };

/** When the cancellation comes: so many milliseconds after the start, and so many iterations later. */
interface Moment {
  readonly milliseconds: number;
  readonly iterations: number;
  /** Whether the canceller has its turn before everybody else, or after. */
  readonly first: boolean;
}

const moments: Moment[] = [];
for (let milliseconds = 0; milliseconds <= 5; milliseconds++)
  for (let iterations = 0; iterations <= 5; iterations++)
    for (const first of [true, false]) moments.push({ milliseconds, iterations, first });

/** Three tasks want what comes every two milliseconds; the one in the middle is cancelled. Gives when each had it. */
async function play({ milliseconds, iterations, first }: Moment, end: (reservation: Reservation) => void) {
  const limits = new RateLimits({
    requests: { rate: 50, per: 100, burst: 1, margin: 0 },
    tokens: { rate: 100, per: 100, burst: 2, margin: 0 },
  });
  const had: (number | null)[] = [];
  async function want(index: number): Promise<void> {
    had[index] = null;
    const reservation = await limits.reserve({ tokens: 2 });
    had[index] = getRunningLoop().time();
    end(reservation);
  }
  async function cancel(): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds);
    for (let i = 0; i < iterations; i++) await sleep(0);
    tasks[1].cancel();
  }
  const before = first ? createTask(cancel()) : null;
  const tasks = [0, 1, 2].map((index) => createTask(want(index)));
  const canceller = before ?? createTask(cancel());
  let cancelled = false;
  for (const task of [...tasks, canceller]) {
    try {
      await task;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      cancelled = true;
    }
  }
  expect(getRunningLoop().statistics()).toMatchObject({ timers: 0, tasks: 1 });
  return { limits: limits.statistics(), had, cancelled };
}

test("at no moment of a task does its cancellation take anything, or delay who comes after it", async () => {
  let cancellations = 0;
  for (const moment of moments) {
    const { limits, had, cancelled } = await run(() => play(moment, (reservation) => reservation.settle()), virtual);
    const taken = cancelled ? 2 : 3;
    if (cancelled) cancellations++;
    expect({
      moment,
      waiters: limits.waiters,
      open: limits.open,
      remaining: limits.limits.map((l) => l.remaining),
    }).toEqual({ moment, waiters: 0, open: 0, remaining: [50 - taken, 100 - 2 * taken] });
    expect({ moment, had: [had[0], had[2]] }).toEqual({ moment, had: [0, cancelled ? 2 : 4] });
  }
  expect(cancellations).toBeGreaterThan(10);
  expect(cancellations).toBeLessThan(moments.length - 10);
});

test("at every moment a reservation that is cancelled leaves the limits as they were", async () => {
  for (const moment of moments) {
    const { limits } = await run(() => play(moment, (reservation) => reservation.cancel()), virtual);
    expect({ moment, open: limits.open, remaining: limits.limits.map((l) => l.remaining) }).toEqual({
      moment,
      open: 0,
      remaining: [50, 100],
    });
  }
});
