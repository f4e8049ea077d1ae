import { assert, asyncProperty, integer } from "fast-check";
import { Barrier, BrokenBarrierError, run } from "tsyncio";
import { describe, expect, test } from "vitest";
import { type Step, play, schedules } from "./random-schedule.ts";

async function playBarrier(parties: number, schedule: Step<"pass" | "reset" | "abort">[]) {
  const barrier = new Barrier(parties);
  const visits = new Set<{ readonly since: number }>();
  let generation = 0;
  let passed = parties;
  let failed = 0;
  /** By the last to come: the others are there, and those of the generation before have left. */
  const open = () => {
    expect(visits.size).toBeGreaterThanOrEqual(parties);
    expect(passed + failed).toBeGreaterThanOrEqual(parties);
    generation++;
    passed = failed = 0;
  };
  const pass = async () => {
    const visit = { since: generation };
    visits.add(visit);
    try {
      const position = await barrier.wait();
      if (position === parties - 1) open();
      // Who came after this generation was opened is of a later one.
      expect(visit.since).toBeLessThan(generation);
      expect(++passed).toBeLessThanOrEqual(parties);
    } catch (error) {
      failed++;
      if (!(error instanceof BrokenBarrierError)) throw error;
    } finally {
      visits.delete(visit);
    }
  };
  const atRest = (pending: number) => {
    const state = barrier.broken ? "broken" : "filling";
    expect(barrier.statistics()).toEqual({ state, parties, waiters: pending });
    expect(pending).toBeLessThan(barrier.broken ? 1 : parties);
  };
  const jobs = { pass, reset: () => barrier.reset(), abort: () => barrier.abort() };
  await play(schedule, { jobs, atRest });
}

describe("whatever is cancelled and when", () => {
  test.each([
    ["", { pass: 12, reset: 0, abort: 0 }],
    [", also when it is reset and aborted", { pass: 12, reset: 2, abort: 1 }],
  ])("the generations of a barrier never mix%s", (_, weights) =>
    assert(
      asyncProperty(integer({ min: 1, max: 4 }), schedules(weights), (parties, schedule) =>
        run(playBarrier(parties, schedule)),
      ),
      { numRuns: 60 },
    ),
  );
});
