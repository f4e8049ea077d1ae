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

const JOBS = { get: 9, put: 9, iterate: 2, getNowait: 2, putNowait: 2, done: 4, join: 2 };

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
  const unlessShutDown = async (doing: () => PromiseLike<unknown>) => {
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof QueueShutDown && isShutDown)) throw error;
    }
  };
  const jobs = {
    get: () => unlessShutDown(async () => taken(await queue.get())),
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
    done: () => {
      if (unfinished === 0) return refused(() => queue.taskDone(), RuntimeError);
      queue.taskDone();
      unfinished--;
    },
    join: () => queue.join(),
    shutdown: (turns: number) => {
      const immediate = turns < 2;
      queue.shutdown(immediate);
      isShutDown = true;
      if (immediate) unfinished -= Math.min(unfinished, items.splice(0).length);
    },
  };
  const atAnyMoment = () =>
    expect(queue.statistics()).toMatchObject({ size: items.length, maxsize, unfinished, isShutDown });
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
    [", also when it is shut down", { ...JOBS, get: 6, join: 4, shutdown: 2 }],
  ])("a queue loses and doubles no item, keeps their order, and nobody waits for what is there%s", (_, weights) =>
    assert(
      asyncProperty(
        constantFrom(...KINDS),
        integer({ min: 0, max: 3 }),
        schedules(weights),
        (kind, maxsize, schedule) => run(playQueue(kind, maxsize, schedule)),
      ),
      { numRuns: 100 },
    ),
  );
});
