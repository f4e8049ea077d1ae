import { createTask, gather, run, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { Pace, Paces } from "../../src/collect/pace.ts";

/** Enters `times` times at once, and gives how many milliseconds after the first the last was let in. */
async function spread(pace: Pace, times: number): Promise<number> {
  const begun = performance.now();
  const entries = await gather(
    Array.from({ length: times }, async () => {
      using _place = await pace.enter();
      return performance.now() - begun;
    }),
  );
  return Math.max(...entries);
}

test("Without a limit, everyone is let in at once.", () =>
  run(async () => {
    expect(await spread(new Pace(1_000), 1_000)).toBeLessThan(500);
  }));

test("A limit that an answer speaks of is kept from then on.", () =>
  run(async () => {
    const pace = new Pace(1_000);
    pace.learn('"api";q=200;w=1');
    // 19 may be asked at once, the other 38 come at 190 a second.
    const milliseconds = await spread(pace, 57);
    expect(milliseconds).toBeGreaterThan(190);
    expect(milliseconds).toBeLessThan(600);
  }));

test("A limit for a longer time than a second is kept too.", () =>
  run(async () => {
    const pace = new Pace(1_000);
    pace.learn('"minute";q=6000;w=60');
    expect(await spread(pace, 20)).toBeGreaterThan(90);
  }));

test("What is no limit is not taken for one.", () =>
  run(async () => {
    const pace = new Pace(1_000);
    for (const policy of [undefined, "", "none", '"api";q=0', '"api";w=1', '"api";q=5;w=0']) pace.learn(policy);
    expect(await spread(pace, 100)).toBeLessThan(100);
  }));

test("A closed pace lets nobody in until it opens.", () =>
  run(async () => {
    const pace = new Pace(10);
    pace.close(80);
    pace.close(20);
    expect(await spread(pace, 3)).toBeGreaterThan(75);
  }));

test("There are only so many places.", () =>
  run(async () => {
    const pace = new Pace(2);
    const first = await pace.enter();
    await pace.enter();
    const third = createTask(pace.enter());
    await sleep(5);
    const waited = !third.done();
    first[Symbol.dispose]();
    await third;
    expect(waited).toBe(true);
  }));

test.each(["turn", "close", "limit"])("Whoever is cancelled while it waits for the %s leaves a place behind.", (wait) =>
  run(async () => {
    const pace = new Pace(2);
    if (wait === "limit") {
      pace.learn('"api";q=1;w=1');
      (await pace.enter())[Symbol.dispose]();
    } else {
      pace.close(10_000);
    }
    const others = wait === "turn" ? [createTask(pace.enter())] : [];
    const cancelled = createTask(pace.enter());
    await sleep(5);
    cancelled.cancel();
    await gather([cancelled], { returnExceptions: true });
    for (const other of others) other.cancel();
    await gather(others, { returnExceptions: true });
    expect([cancelled.cancelled(), pace.free]).toEqual([true, 2]);
  }),
);

test("Each server has its pace, and its API another.", () => {
  const paces = new Paces(1);
  const urls = ["http://a/x", "http://a/y", "http://a/api/v1", "http://a/api/v2", "http://b/x", "http://a:81/x"];
  expect(new Set(urls.map((url) => paces.of(url))).size).toBe(4);
});
