// The workloads by hand on native promises. Every export gives how many operations it did, after checking its own result.
import { check } from "./check.mjs";

const giveWay = () => Promise.resolve();

async function fibonacci(n) {
  return n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

/** An await that never suspends. */
export async function callChain() {
  check(await fibonacci(22), 17_711);
  return 57_313;
}

async function trivial(n) {
  return n;
}

/** 100,000 trivial jobs at once. */
export async function spawnAndGather() {
  const results = await Promise.all(Array.from({ length: 100_000 }, (_, n) => trivial(n)));
  check(results.length, 100_000);
  return 100_000;
}

/** 10 jobs that give way 10,000 times each. */
export async function giveWays() {
  let count = 0;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 10_000; i++) {
        await giveWay();
        count++;
      }
    }),
  );
  check(count, 100_000);
  return count;
}

async function nested(depth, times) {
  if (depth > 0) return nested(depth - 1, times);
  for (let i = 0; i < times; i++) await giveWay();
  return times;
}

/** A suspension below 1,000 callers. */
export async function deepChain() {
  let count = 0;
  for (let i = 0; i < 20; i++) count += await nested(1_000, 100);
  check(count, 2_000);
  return count;
}

/** Two jobs hand a value back and forth. */
export async function pingPong() {
  const rounds = 20_000;
  let wakeA;
  let wakeB;
  let a = new Promise((resolve) => (wakeA = resolve));
  let b = new Promise((resolve) => (wakeB = resolve));
  let count = 0;
  const left = (async () => {
    for (let i = 0; i < rounds; i++) {
      const wake = wakeB;
      wake(i);
      await a;
      a = new Promise((resolve) => (wakeA = resolve));
      count++;
    }
  })();
  const right = (async () => {
    for (let i = 0; i < rounds; i++) {
      await b;
      b = new Promise((resolve) => (wakeB = resolve));
      wakeA(i);
      count++;
    }
  })();
  await Promise.all([left, right]);
  check(count, 2 * rounds);
  return count;
}

class Lock {
  #held = false;
  #waiters = [];
  #head = 0;
  async acquire() {
    if (!this.#held) {
      this.#held = true;
      return;
    }
    await new Promise((resolve) => this.#waiters.push(resolve));
  }
  release() {
    if (this.#head < this.#waiters.length) this.#waiters[this.#head++]();
    else {
      this.#held = false;
      this.#waiters = [];
      this.#head = 0;
    }
  }
}

/** A lock that nobody else wants. */
export async function freeLock() {
  const lock = new Lock();
  let count = 0;
  for (let i = 0; i < 100_000; i++) {
    await lock.acquire();
    count++;
    lock.release();
  }
  check(count, 100_000);
  return count;
}

/** 100 jobs that want one lock. */
export async function contendedLock() {
  const lock = new Lock();
  let count = 0;
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      for (let i = 0; i < 200; i++) {
        await lock.acquire();
        try {
          await giveWay();
          count++;
        } finally {
          lock.release();
        }
      }
    }),
  );
  check(count, 20_000);
  return count;
}

/** 50,000 timers at once. */
export async function timers() {
  let count = 0;
  await Promise.all(
    Array.from({ length: 50_000 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, 1 + (i % 20)));
      count++;
    }),
  );
  check(count, 50_000);
  return count;
}

/** 20,000 waiting jobs, all cancelled through an AbortSignal. */
export async function cancellations() {
  let count = 0;
  const controllers = [];
  const jobs = Array.from({ length: 20_000 }, async () => {
    const controller = new AbortController();
    controllers.push(controller);
    const { signal } = controller;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  });
  for (const controller of controllers) controller.abort();
  for (const job of await Promise.allSettled(jobs)) if (job.status === "rejected") count++;
  check(count, 20_000);
  return count;
}

async function* numbers(end) {
  for (let i = 0; i < end; i++) yield i;
}
async function* doubled(source) {
  for await (const n of source) yield n * 2;
}
async function* even(source) {
  for await (const n of source) if (n % 4 === 0) yield n;
}

/** Three async generators in a row. */
export async function generatorPipeline() {
  let count = 0;
  for await (const n of even(doubled(numbers(20_000)))) count += n >= 0 ? 1 : 0;
  check(count, 10_000);
  return 20_000;
}
