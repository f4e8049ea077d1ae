// What tsyncio does in a way of its own, and the same in the way that comes to mind first. Each gives how many operations it did.
import {
  CancelledError,
  Future,
  Lock,
  Semaphore,
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "tsyncio";
import { check } from "../check.mjs";
import { checkFibonacci, checkResults } from "../scheduling/expected.mjs";

export const start = run;

async function fibonacci(n: number): Promise<number> {
  return n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

/** Calls of a method are never known: it may have been replaced. */
const methods = {
  async sum(n: number): Promise<number> {
    return n < 2 ? n : (await methods.sum(n - 1)) + (await methods.sum(n - 2));
  },
};

class Numbers {
  async sum(n: number): Promise<number> {
    return n < 2 ? n : (await this.sum(n - 1)) + (await this.sum(n - 2));
  }

  /** What uses `arguments` stays a generator. */
  async sumByGenerator(n: number): Promise<number> {
    if (arguments.length === 0) return 0;
    return n < 2 ? n : (await this.sumByGenerator(n - 1)) + (await this.sumByGenerator(n - 2));
  }

  async #sum(n: number): Promise<number> {
    return n < 2 ? n : (await this.#sum(n - 1)) + (await this.#sum(n - 2));
  }

  privateSum(n: number) {
    return this.#sum(n);
  }
}

const numbers = new Numbers();

async function same(n: number) {
  return n;
}

// oxlint-disable-next-line require-yield -- that is what is measured
const sameByGenerator = coroutine(function* (n: number) {
  return n;
});

async function handsOn(depth: number): Promise<number> {
  if (depth > 0) return handsOn(depth - 1);
  await sleep(0);
  return 1;
}

async function comesBack(depth: number): Promise<number> {
  if (depth > 0) {
    const one = await comesBack(depth - 1);
    return one;
  }
  await sleep(0);
  return 1;
}

async function chains(times: number, chain: (depth: number) => Promise<number>) {
  let count = 0;
  for (let i = 0; i < times; i++) count += await chain(1_000);
  check(count, times);
  return count * 1_000;
}

/** A lock as asyncio writes it: a line of futures. */
class LockOfFutures {
  readonly #line: Future<void>[] = [];
  #locked = false;

  async acquire() {
    if (!this.#locked && this.#line.length === 0) {
      this.#locked = true;
      return;
    }
    const turn = new Future<void>();
    this.#line.push(turn);
    try {
      await turn;
    } finally {
      this.#line.splice(this.#line.indexOf(turn), 1);
    }
    this.#locked = true;
  }

  release() {
    this.#locked = false;
    if (this.#line.length > 0 && !this.#line[0].done()) this.#line[0].setResult();
  }
}

async function contended(times: number, lock: Lock | LockOfFutures) {
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await lock.acquire();
      try {
        await sleep(0);
        count++;
      } finally {
        lock.release();
      }
    }
  }
  await gather(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

async function sleepByFuture(delay: number) {
  const woken = new Future<void>();
  const timer = getRunningLoop().callLater(delay, () => woken.setResult());
  try {
    await woken;
  } finally {
    timer.cancel();
  }
}

async function sleepers(count: number, wait: (delay: number) => Promise<unknown>) {
  let woken = 0;
  async function job(i: number) {
    await wait(1 + (i % 20));
    woken++;
  }
  await gather(Array.from({ length: count }, (_, i) => job(i)));
  check(woken, count);
  return count;
}

async function cancelled(count: number, waiting: () => Promise<unknown>) {
  const tasks = Array.from({ length: count }, () => createTask(waiting()));
  await sleep(0);
  for (const task of tasks) task.cancel();
  await gather(tasks, { returnExceptions: true });
  check(tasks.filter((task) => task.cancelled()).length, count);
  return count;
}

async function gatheredByCallbacks(jobs: number) {
  const tasks = Array.from({ length: jobs }, (_, n) => createTask(same(n)));
  const all = new Future<number[]>();
  let left = jobs;
  for (const task of tasks) {
    task.addDoneCallback(() => {
      if (--left === 0) all.setResult(tasks.map((task) => task.result()));
    });
  }
  return checkResults(await all, jobs);
}

async function limitedBySemaphore(jobs: number) {
  const semaphore = new Semaphore(50);
  async function job(n: number) {
    await semaphore.acquire();
    try {
      return await same(n);
    } finally {
      semaphore.release();
    }
  }
  return checkResults(await gather(Array.from({ length: jobs }, (_, n) => job(n))), jobs);
}

function* calls(jobs: number) {
  for (let n = 0; n < jobs; n++) yield same(n);
}

export const choices = {
  "a call that the compiler knows: no coroutine, `callFrame`": {
    size: 22,
    ours: async (n: number) => checkFibonacci(await fibonacci(n), n),
    other: async (n: number) => checkFibonacci(await methods.sum(n), n),
  },
  "a method that is called again: no generator": {
    size: 22,
    ours: async (n: number) => checkFibonacci(await numbers.sum(n), n),
    other: async (n: number) => checkFibonacci(await numbers.sumByGenerator(n), n),
  },
  "a call of a private method: no coroutine, `callMethod`": {
    size: 22,
    ours: async (n: number) => checkFibonacci(await numbers.privateSum(n), n),
    other: async (n: number) => checkFibonacci(await numbers.sum(n), n),
  },
  "a function that never awaits: no generator, `callTail`": {
    size: 100_000,
    async ours(times: number) {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += await same(i);
      check(sum, (times * (times - 1)) / 2);
      return times;
    },
    async other(times: number) {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += await sameByGenerator(i);
      check(sum, (times * (times - 1)) / 2);
      return times;
    },
  },
  "`return f()`: the frame hands on, and does not go on": {
    size: 100,
    ours: (times: number) => chains(times, handsOn),
    other: (times: number) => chains(times, comesBack),
  },
  "a lock: waits that are nodes of the line": {
    size: 200,
    ours: (times: number) => contended(times, new Lock()),
    other: (times: number) => contended(times, new LockOfFutures()),
  },
  "a sleep that is its own timer": {
    size: 100_000,
    ours: (count: number) => sleepers(count, sleep),
    other: (count: number) => sleepers(count, sleepByFuture),
  },
  "`gather` that listens itself": {
    size: 100_000,
    ours: async (jobs: number) => checkResults(await gather(Array.from({ length: jobs }, (_, n) => same(n))), jobs),
    other: gatheredByCallbacks,
  },
  "`gather` with a limit of 50": {
    size: 100_000,
    ours: async (jobs: number) => checkResults(await gather(calls(jobs), { limit: 50 }), jobs),
    other: limitedBySemaphore,
  },
  "cancelling a frame that has nothing to clean up": {
    size: 100_000,
    ours: (count: number) =>
      cancelled(count, async () => {
        await new Future();
      }),
    other: (count: number) =>
      cancelled(count, async () => {
        try {
          await new Future();
        } catch (error) {
          if (error instanceof CancelledError) count |= 0;
          throw error;
        }
      }),
  },
  "cancelling a frame that has a `finally`": {
    size: 100_000,
    ours: (count: number) =>
      cancelled(count, async () => {
        try {
          await new Future();
        } finally {
          count |= 0;
        }
      }),
    other: (count: number) =>
      cancelled(count, async () => {
        try {
          await new Future();
        } catch (error) {
          if (error instanceof CancelledError) count |= 0;
          throw error;
        } finally {
          count |= 0;
        }
      }),
  },
};
