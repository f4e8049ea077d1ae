// The workloads by hand on native promises. Where these have no such thing, it is the usual few lines.
import { AsyncLocalStorage } from "node:async_hooks";
import { check } from "../check.mjs";
import { checkFibonacci, checkResults, longer } from "./expected.mjs";

export const start = (promise) => promise;

const giveWay = () => Promise.resolve();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function fibonacci(n) {
  return n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

export async function callChain(n) {
  return checkFibonacci(await fibonacci(n), n);
}

async function trivial(n) {
  return n;
}

export async function spawnAndGather(jobs) {
  return checkResults(await Promise.all(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
}

/** An async function begins when it is called, always. */
export const spawnAndGatherEager = (jobs) => spawnAndGather(jobs);

export async function giveWays(times) {
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await giveWay();
      count++;
    }
  }
  await Promise.all(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
}

async function nested(depth, body) {
  return depth > 0 ? nested(depth - 1, body) : body();
}

export async function deepChain(depth) {
  let count = 0;
  for (let i = 0; i < 20; i++) {
    await nested(depth, async () => {
      for (let i = 0; i < 100; i++) {
        await giveWay();
        count++;
      }
    });
  }
  check(count, 2_000);
  return count;
}

export async function resumeCost(depth, clock) {
  const times = 20_000;
  const measure = async () => {
    const before = clock();
    for (let i = 0; i < times; i++) await giveWay();
    return clock() - before;
  };
  return (await nested(depth, measure)) / (await nested(1, measure));
}

function deferred() {
  let resolve;
  const promise = new Promise((r) => (resolve = r));
  return { promise, resolve };
}

export async function pingPong(rounds) {
  const balls = [deferred(), deferred()];
  async function player(i) {
    let ball;
    for (let round = 0; round < rounds; round++) {
      ball = await balls[i].promise;
      balls[i] = deferred();
      balls[1 - i].resolve(ball + 1);
    }
    return ball;
  }
  balls[0].resolve(1);
  const [, count] = await Promise.all([player(0), player(1)]);
  check(count, 2 * rounds);
  return count;
}

class Queue {
  #items = [];
  #head = 0;
  #getters = [];
  #putters = [];
  constructor(maxsize) {
    this.maxsize = maxsize;
  }
  get #size() {
    return this.#items.length - this.#head;
  }
  async put(item) {
    while (this.#size >= this.maxsize) await new Promise((resolve) => this.#putters.push(resolve));
    this.#items.push(item);
    this.#getters.shift()?.();
  }
  async get() {
    while (this.#size === 0) await new Promise((resolve) => this.#getters.push(resolve));
    const item = this.#items[this.#head++];
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    }
    this.#putters.shift()?.();
    return item;
  }
}

export async function boundedQueue(items) {
  const queue = new Queue(100);
  let sum = 0;
  async function produce() {
    for (let i = 1; i <= items; i++) await queue.put(i);
  }
  async function consume() {
    for (let i = 0; i < items; i++) sum += await queue.get();
  }
  await Promise.all([produce(), consume()]);
  check(sum, (items * (items + 1)) / 2);
  return items;
}

class Semaphore {
  #permits;
  #waiters = [];
  #head = 0;
  constructor(permits) {
    this.#permits = permits;
  }
  async acquire() {
    if (this.#permits > 0) {
      this.#permits--;
      return;
    }
    await new Promise((resolve) => this.#waiters.push(resolve));
  }
  release() {
    if (this.#head < this.#waiters.length) this.#waiters[this.#head++]();
    else {
      this.#permits++;
      this.#waiters = [];
      this.#head = 0;
    }
  }
}

export async function freeLock(times) {
  const lock = new Semaphore(1);
  let count = 0;
  for (let i = 0; i < times; i++) {
    await lock.acquire();
    try {
      count++;
    } finally {
      lock.release();
    }
  }
  check(count, times);
  return count;
}

async function contended(permits, times) {
  const semaphore = new Semaphore(permits);
  let inside = 0;
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await semaphore.acquire();
      try {
        if (++inside > permits) throw new Error("Cannot measure: too many hold it");
        await giveWay();
        count++;
      } finally {
        inside--;
        semaphore.release();
      }
    }
  }
  await Promise.all(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export const contendedLock = (times) => contended(1, times);
export const contendedSemaphore = (times) => contended(10, times);

export async function timers(sleepers) {
  let count = 0;
  async function job(i) {
    await sleep(1 + (i % 20));
    count++;
  }
  await Promise.all(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
}

/** Waits for nothing; ends when the signal is aborted. */
function untilAborted(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

async function cancelAll(count, waiting) {
  const controllers = Array.from({ length: count }, () => new AbortController());
  const jobs = controllers.map((controller) => waiting(controller.signal));
  for (const controller of controllers) controller.abort();
  let cancelled = 0;
  for (const job of await Promise.allSettled(jobs)) if (job.status === "rejected") cancelled++;
  check(cancelled, count);
  return count;
}

export function cancellations(jobs) {
  return cancelAll(jobs, async (signal) => {
    await untilAborted(signal);
  });
}

export async function cancellationsWithFinally(jobs) {
  let left = 0;
  await cancelAll(jobs, async (signal) => {
    try {
      await untilAborted(signal);
    } finally {
      left++;
    }
  });
  check(left, jobs);
  return jobs;
}

async function fanOutOver(jobs, job) {
  const results = new Array(jobs);
  let next = 0;
  async function worker() {
    while (next < jobs) {
      const i = next++;
      results[i] = await job(i);
    }
  }
  await Promise.all(Array.from({ length: 50 }, worker));
  return checkResults(results, jobs);
}

export const fanOut = (jobs) => fanOutOver(jobs, trivial);

export function fanOutGivingWay(jobs) {
  return fanOutOver(jobs, async (n) => {
    await giveWay();
    return n;
  });
}

async function* numbers(end) {
  for (let i = 0; i < end; i++) yield i;
}
async function* doubled(source) {
  for await (const n of source) yield n * 2;
}
async function* multiplesOf4(source) {
  for await (const n of source) if (n % 4 === 0) yield n;
}

export async function generatorPipeline(items) {
  let count = 0;
  for await (const n of multiplesOf4(doubled(numbers(items)))) if (n % 4 === 0) count++;
  check(count, items / 2);
  return items;
}

const storage = new AsyncLocalStorage();

export async function contextVariables(times) {
  let count = 0;
  async function step(value) {
    await giveWay();
    if (storage.getStore() === value) count++;
  }
  async function job(_, n) {
    for (let i = 0; i < times; i++) await storage.run(n + i, step, n + i);
  }
  await Promise.all(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export async function waitingTaskBytes(jobs, heap) {
  let count = 0;
  async function waiting(promise) {
    await promise;
    count++;
  }
  const before = heap();
  const wakers = new Array(jobs);
  const running = Array.from({ length: jobs }, (_, i) => waiting(new Promise((resolve) => (wakers[i] = resolve))));
  await giveWay();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const wake of wakers) wake();
  await Promise.all(running);
  check(count, jobs);
  return bytes;
}

export async function sleepingTaskBytes(jobs, heap) {
  let count = 0;
  async function sleeping() {
    await sleep(longer(jobs));
    count++;
  }
  const before = heap();
  const running = Array.from({ length: jobs }, sleeping);
  await giveWay();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  await Promise.all(running);
  check(count, jobs);
  return bytes;
}
