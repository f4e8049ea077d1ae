import { expect, test } from "vitest";
import { Level, Tally } from "../../src/collect/tally.ts";

test("A level knows how many there are, and how many there were at most.", () => {
  const level = new Level();
  {
    using _a = level.enter();
    using _b = level.enter();
    expect(level.now).toBe(2);
  }
  using _c = level.enter();
  expect([level.now, level.most]).toEqual([1, 2]);
});

test("Sums are over all sources and all kinds.", () => {
  const tally = new Tally();
  tally.addRecords("a", 2);
  tally.addRecords("b", 3);
  tally.addRecords("a", 1);
  tally.addTrouble("timeout");
  tally.addTrouble("timeout");
  tally.addTrouble("429");
  expect([tally.allRecords, tally.records.get("a"), tally.retries, tally.troubles.get("timeout")]).toEqual([
    6, 3, 3, 2,
  ]);
});

test("The time stands still once it is stopped.", async () => {
  const tally = new Tally();
  tally.stop();
  const stopped = tally.elapsed;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(tally.elapsed).toBe(stopped);
});
