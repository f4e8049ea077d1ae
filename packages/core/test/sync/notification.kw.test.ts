import { assert, asyncProperty } from "fast-check";
import { Condition, Event, currentTask, getRunningLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { Line, type Step, play, schedules } from "./random-schedule.ts";

async function playEvent(schedule: Step<"wait" | "set" | "clear">[]) {
  const event = new Event();
  const line = new Line();
  const waiting = new Set<{ readonly since: number }>();
  let sets = 0;
  const waitForSet = async () => {
    const wait = { since: sets };
    waiting.add(wait);
    try {
      expect(await line.wait(event.wait())).toBe(true);
      expect(sets).toBeGreaterThan(wait.since);
    } finally {
      waiting.delete(wait);
    }
  };
  const passAtOnce = async () => {
    const { iterations } = getRunningLoop().statistics();
    expect(await event.wait()).toBe(true);
    expect(getRunningLoop().statistics().iterations).toBe(iterations);
  };
  const jobs = {
    wait: () => (event.isSet() ? passAtOnce() : waitForSet()),
    set: () => {
      if (!event.isSet()) sets++;
      event.set();
    },
    clear: () => event.clear(),
  };
  const atRest = (pending: number) => {
    expect(event.statistics().waiters).toBe(pending);
    expect(event.isSet() && pending > 0).toBe(false);
    for (const { since } of waiting) expect(since).toBe(sets);
  };
  await play(schedule, { jobs, atRest });
}

async function playCondition(schedule: Step<"consume" | "consumeFor" | "produce">[]) {
  const condition = new Condition();
  const line = new Line();
  let items = 0;
  let inside = 0;
  const enter = () => {
    expect(++inside).toBe(1);
    expect(condition.statistics().lock.holder === currentTask()).toBe(true);
  };
  /** Waits with `doing`, which frees the lock and takes it again. */
  const outside = async (doing: PromiseLike<unknown>) => {
    inside--;
    try {
      await doing;
    } finally {
      enter();
    }
  };
  const locked = async (body: () => PromiseLike<unknown>, turns: number) => {
    using _guard = await condition.acquire();
    enter();
    try {
      await body();
      for (let i = 0; i < turns; i++) await sleep(0);
    } finally {
      inside--;
    }
  };
  const consume = async () => {
    while (items === 0) await outside(line.wait(condition.wait()));
    items--;
  };
  const consumeFor = async () => {
    await outside(condition.waitFor(() => items > 0));
    items--;
  };
  const jobs = {
    consume: (turns: number) => locked(consume, turns),
    consumeFor: (turns: number) => locked(consumeFor, turns),
    produce: (turns: number) =>
      locked(async () => {
        const made = turns === 3 ? 2 : 1;
        items += made;
        condition.notify(made);
      }, turns),
  };
  const atRest = (pending: number) => {
    const lock = { locked: false, holder: null, waiters: 0 };
    expect(condition.statistics()).toEqual({ waiters: pending, lock });
    expect(Math.min(items, pending)).toBe(0);
  };
  await play(schedule, { jobs, atRest });
}

describe("whatever is cancelled and when", () => {
  test("an event wakes all who wait when it is set and nobody else, in the order in which they came", () =>
    assert(
      asyncProperty(schedules({ wait: 9, set: 2, clear: 2 }), (schedule) => run(playEvent(schedule))),
      { numRuns: 60 },
    ));

  test("a notification of a condition is never lost, goes to who has waited longest, and is acted on with the lock held", () =>
    assert(
      asyncProperty(schedules({ consume: 6, consumeFor: 3, produce: 5 }), (schedule) => run(playCondition(schedule))),
      { numRuns: 60 },
    ));
});
