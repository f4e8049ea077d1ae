// The workloads in keyword spelling.
import { ContextVar, Future, Lock, Queue, Semaphore, type Task, createTask, gather, run, sleep } from "tsyncio";
import { check } from "../check.mjs";
import { checkFibonacci, checkResults, longer } from "./expected.mjs";

export const start = run;

type Measure = () => number;

async function fibonacci(n: number): Promise<number> {
  return n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

export async function callChain(n: number) {
  return checkFibonacci(await fibonacci(n), n);
}

async function trivial(n: number) {
  return n;
}

export async function spawnAndGather(jobs: number) {
  return checkResults(await gather(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
}

export async function spawnAndGatherEager(jobs: number) {
  const tasks = Array.from({ length: jobs }, (_, n) => createTask(trivial(n), { eagerStart: true }));
  return checkResults(await gather(tasks), jobs);
}

export async function giveWays(times: number) {
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await sleep(0);
      count++;
    }
  }
  await gather(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
}

async function nested<T>(depth: number, body: () => Promise<T>): Promise<T> {
  return depth > 0 ? nested(depth - 1, body) : body();
}

export async function deepChain(depth: number) {
  let count = 0;
  for (let i = 0; i < 20; i++) {
    await nested(depth, async () => {
      for (let i = 0; i < 100; i++) {
        await sleep(0);
        count++;
      }
    });
  }
  check(count, 2_000);
  return count;
}

export async function resumeCost(depth: number, clock: Measure) {
  const times = 20_000;
  async function measure() {
    const before = clock();
    for (let i = 0; i < times; i++) await sleep(0);
    return clock() - before;
  }
  return (await nested(depth, measure)) / (await nested(1, measure));
}

export async function pingPong(rounds: number) {
  const balls = [new Future<number>(), new Future<number>()];
  async function player(i: number) {
    let ball = 0;
    for (let round = 0; round < rounds; round++) {
      ball = await balls[i];
      balls[i] = new Future();
      balls[1 - i].setResult(ball + 1);
    }
    return ball;
  }
  balls[0].setResult(1);
  const [, count] = await gather(player(0), player(1));
  check(count, 2 * rounds);
  return count;
}

export async function boundedQueue(items: number) {
  const queue = new Queue<number>(100);
  let sum = 0;
  async function produce() {
    for (let i = 1; i <= items; i++) await queue.put(i);
  }
  async function consume() {
    for (let i = 0; i < items; i++) sum += await queue.get();
  }
  await gather(produce(), consume());
  check(sum, (items * (items + 1)) / 2);
  return items;
}

export async function freeLock(times: number) {
  const lock = new Lock();
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

async function contended(lock: Lock | Semaphore, permits: number, times: number) {
  let inside = 0;
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await lock.acquire();
      try {
        if (++inside > permits) throw new Error("Cannot measure: too many hold it");
        await sleep(0);
        count++;
      } finally {
        inside--;
        lock.release();
      }
    }
  }
  await gather(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export const contendedLock = (times: number) => contended(new Lock(), 1, times);
export const contendedSemaphore = (times: number) => contended(new Semaphore(10), 10, times);

export async function timers(sleepers: number) {
  let count = 0;
  async function job(i: number) {
    await sleep(1 + (i % 20));
    count++;
  }
  await gather(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
}

async function cancelAll(count: number, waiting: () => Promise<unknown>) {
  const tasks: Task[] = Array.from({ length: count }, () => createTask(waiting()));
  await sleep(0);
  for (const task of tasks) task.cancel();
  await gather(tasks, { returnExceptions: true });
  let cancelled = 0;
  for (const task of tasks) if (task.cancelled()) cancelled++;
  check(cancelled, count);
  return count;
}

export function cancellations(jobs: number) {
  return cancelAll(jobs, async () => {
    await new Future();
  });
}

export async function cancellationsWithFinally(jobs: number) {
  let left = 0;
  await cancelAll(jobs, async () => {
    try {
      await new Future();
    } finally {
      left++;
    }
  });
  check(left, jobs);
  return jobs;
}

async function fanOutOver(jobs: number, job: (n: number) => Promise<number>) {
  function* coroutines() {
    for (let n = 0; n < jobs; n++) yield job(n);
  }
  return checkResults(await gather(coroutines(), { limit: 50 }), jobs);
}

export const fanOut = (jobs: number) => fanOutOver(jobs, trivial);

export function fanOutGivingWay(jobs: number) {
  return fanOutOver(jobs, async (n) => {
    await sleep(0);
    return n;
  });
}

async function* numbers(end: number) {
  for (let i = 0; i < end; i++) yield i;
}
async function* doubled(source: AsyncIterable<number>) {
  for await (const n of source) yield n * 2;
}
async function* multiplesOf4(source: AsyncIterable<number>) {
  for await (const n of source) if (n % 4 === 0) yield n;
}

export async function generatorPipeline(items: number) {
  let count = 0;
  for await (const n of multiplesOf4(doubled(numbers(items)))) if (n % 4 === 0) count++;
  check(count, items / 2);
  return items;
}

const variable = new ContextVar<number>("step");

export async function contextVariables(times: number) {
  let count = 0;
  async function job(_: undefined, n: number) {
    for (let i = 0; i < times; i++) {
      const token = variable.set(n + i);
      await sleep(0);
      if (variable.get() === n + i) count++;
      variable.reset(token);
    }
  }
  await gather(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export async function waitingTaskBytes(jobs: number, heap: Measure) {
  let count = 0;
  async function waiting(future: Future<void>) {
    await future;
    count++;
  }
  const before = heap();
  const futures = Array.from({ length: jobs }, () => new Future<void>());
  const tasks = futures.map((future) => createTask(waiting(future)));
  await sleep(0);
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const future of futures) future.setResult();
  await gather(tasks);
  check(count, jobs);
  return bytes;
}

export async function sleepingTaskBytes(jobs: number, heap: Measure) {
  let count = 0;
  async function sleeping() {
    await sleep(longer(jobs));
    count++;
  }
  const before = heap();
  const tasks = Array.from({ length: jobs }, () => createTask(sleeping()));
  await sleep(0);
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  await gather(tasks);
  check(count, jobs);
  return bytes;
}
