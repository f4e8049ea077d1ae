// The workloads in keyword spelling. Every export gives how many operations it did, after checking its own result.
import { Future, Lock, createTask, sleep, gather } from "tsyncio";
import { check } from "./check.mjs";

async function fibonacci(n: number): Promise<number> {
  return n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

export async function callChain(): Promise<number> {
  check(await fibonacci(22), 17_711);
  return 57_313;
}

async function trivial(n: number): Promise<number> {
  return n;
}

export async function spawnAndGather(): Promise<number> {
  const results = await gather(Array.from({ length: 100_000 }, (_, n) => trivial(n)));
  check(results.length, 100_000);
  return 100_000;
}

export async function giveWays(): Promise<number> {
  let count = 0;
  async function job(): Promise<void> {
    for (let i = 0; i < 10_000; i++) {
      await sleep(0);
      count++;
    }
  }
  await gather(Array.from({ length: 10 }, job));
  check(count, 100_000);
  return count;
}

async function nested(depth: number, times: number): Promise<number> {
  if (depth > 0) return nested(depth - 1, times);
  for (let i = 0; i < times; i++) await sleep(0);
  return times;
}

export async function deepChain(): Promise<number> {
  let count = 0;
  for (let i = 0; i < 20; i++) count += await nested(1_000, 100);
  check(count, 2_000);
  return count;
}

export async function pingPong(): Promise<number> {
  const rounds = 20_000;
  let a = new Future<number>();
  let b = new Future<number>();
  let count = 0;
  async function left(): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      b.setResult(i);
      await a;
      a = new Future();
      count++;
    }
  }
  async function right(): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      await b;
      b = new Future();
      a.setResult(i);
      count++;
    }
  }
  await gather(left(), right());
  check(count, 2 * rounds);
  return count;
}

export async function freeLock(): Promise<number> {
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

export async function contendedLock(): Promise<number> {
  const lock = new Lock();
  let count = 0;
  async function job(): Promise<void> {
    for (let i = 0; i < 200; i++) {
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
  check(count, 20_000);
  return count;
}

export async function timers(): Promise<number> {
  let count = 0;
  async function job(i: number): Promise<void> {
    await sleep(1 + (i % 20));
    count++;
  }
  await gather(Array.from({ length: 50_000 }, (_, i) => job(i)));
  check(count, 50_000);
  return count;
}

async function waiting(): Promise<void> {
  await new Future<void>();
}

export async function cancellations(): Promise<number> {
  const tasks = Array.from({ length: 20_000 }, () => createTask(waiting()));
  await sleep(0);
  for (const task of tasks) task.cancel();
  await gather(tasks, { returnExceptions: true });
  let count = 0;
  for (const task of tasks) if (task.cancelled()) count++;
  check(count, 20_000);
  return count;
}

async function* numbers(end: number): AsyncGenerator<number> {
  for (let i = 0; i < end; i++) yield i;
}
async function* doubled(source: AsyncIterable<number>): AsyncGenerator<number> {
  for await (const n of source) yield n * 2;
}
async function* even(source: AsyncIterable<number>): AsyncGenerator<number> {
  for await (const n of source) if (n % 4 === 0) yield n;
}

export async function generatorPipeline(): Promise<number> {
  let count = 0;
  for await (const n of even(doubled(numbers(20_000)))) count += n >= 0 ? 1 : 0;
  check(count, 10_000);
  return 20_000;
}
