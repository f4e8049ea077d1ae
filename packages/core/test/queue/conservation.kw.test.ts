import { assert, asyncProperty, constantFrom, integer } from "fast-check";
import {
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { type Step, play, schedules } from "../sync/random-schedule.ts";

/** A kind of queue, and which of the items that were put comes out next. */
interface Kind {
  readonly Queue: new (maxsize: number) => Queue<number>;
  readonly next: (items: readonly number[]) => number;
}

const KINDS: Kind[] = [
  { Queue, next: (items) => items[0] },
  { Queue: LifoQueue, next: (items) => items[items.length - 1] },
  { Queue: PriorityQueue, next: (items) => Math.min(...items) },
];

const JOBS = { get: 5, use: 4, put: 9, iterate: 2, getNowait: 2, putNowait: 2, done: 4, join: 2 };

function refused(doing: () => unknown, error: new () => Error): void {
  expect(doing).toThrow(error);
}

async function playQueue(kind: Kind, maxsize: number, schedule: Step<keyof typeof JOBS | "shutdown">[]) {
  const queue = new kind.Queue(maxsize);
  const items: number[] = [];
  let made = 0;
  let unfinished = 0;
  let isShutDown = false;
  const hasRoom = () => maxsize === 0 || items.length < maxsize;
  /** An item of its own; its whole part counts first where it is ordered. */
  const make = (priority: number) => priority + ++made / 1000;
  const stored = (item: number) => {
    expect([isShutDown, hasRoom()]).toEqual([false, true]);
    items.push(item);
    unfinished++;
  };
  const taken = (item: number) => {
    expect(item).toBe(kind.next(items));
    items.splice(items.indexOf(item), 1);
  };
  const done = () => {
    if (unfinished === 0) return refused(() => queue.taskDone(), RuntimeError);
    queue.taskDone();
    unfinished--;
  };
  const unlessShutDown = async (doing: () => PromiseLike<unknown>) => {
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof QueueShutDown && isShutDown)) throw error;
    }
  };
  const jobs = {
    get: () => unlessShutDown(async () => taken(await queue.get())),
    use: () =>
      unlessShutDown(async () => {
        taken(await queue.get());
        done();
      }),
    put: (turns: number) =>
      unlessShutDown(async () => {
        const item = make(turns);
        await queue.put(item);
        stored(item);
      }),
    iterate: async (turns: number) => {
      for await (const item of queue) {
        taken(item);
        if (turns-- === 0) return;
        await sleep(0);
      }
      expect([isShutDown, items]).toEqual([true, []]);
    },
    getNowait: () => {
      if (items.length > 0) return taken(queue.getNowait());
      refused(() => queue.getNowait(), isShutDown ? QueueShutDown : QueueEmpty);
    },
    putNowait: (turns: number) => {
      const item = make(turns);
      if (isShutDown || !hasRoom()) return refused(() => queue.putNowait(item), isShutDown ? QueueShutDown : QueueFull);
      queue.putNowait(item);
      stored(item);
    },
    done,
    join: () => queue.join(),
    shutdown: (turns: number) => {
      const immediate = turns < 2;
      queue.shutdown(immediate);
      isShutDown = true;
      if (immediate) unfinished -= Math.min(unfinished, items.splice(0).length);
    },
  };
  // No expect(): it takes far longer than all the rest.
  const atAnyMoment = () => {
    const told = queue.statistics();
    if (told.size !== items.length || told.unfinished !== unfinished || told.isShutDown !== isShutDown)
      throw new Error(`${String(queue)} instead of ${items.length} items, ${unfinished} of them unfinished`);
  };
  const atRest = (pending: number) => {
    const { getters, putters, joiners } = queue.statistics();
    expect(getters + putters + joiners).toBe(pending);
    expect(isShutDown || items.length > 0 ? getters : 0).toBe(0);
    expect(isShutDown || hasRoom() ? putters : 0).toBe(0);
    expect(unfinished === 0 ? joiners : 0).toBe(0);
  };
  await play(schedule, { jobs, atAnyMoment, atRest });
}

describe("whatever is cancelled and when", () => {
  test.each([
    ["", { ...JOBS, shutdown: 0 }],
    [", also when it is shut down", { ...JOBS, get: 1, use: 5, join: 4, shutdown: 2 }],
  ])("a queue loses and doubles no item, keeps their order, and nobody waits for what is there%s", (_, weights) =>
    assert(
      asyncProperty(
        constantFrom(...KINDS),
        integer({ min: 0, max: 3 }),
        schedules(weights),
        (kind, maxsize, schedule) => run(playQueue(kind, maxsize, schedule)),
      ),
      { numRuns: 60 },
    ),
  );
});
