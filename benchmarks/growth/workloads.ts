// What may be many: every export does its thing with `size` of it at once, checks the result, and gives how many operations that was.
import {
  Event,
  Future,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  cancelScope,
  createTask,
  gather,
  sleep,
  taskGroup,
  timeout,
} from "tsyncio";
import { check } from "../check.mjs";

/** Measures from `start` to `stop`; without them, the whole workload. */
export interface Watch {
  start(): void;
  stop(): void;
}

async function trivial(n: number): Promise<number> {
  return n;
}

export async function tasks(size: number): Promise<number> {
  const results = await gather(Array.from({ length: size }, (_, n) => trivial(n)));
  check(results[size - 1], size - 1);
  return size;
}

export async function groupChildren(size: number): Promise<number> {
  const last = await taskGroup(async (group) => {
    for (let n = 1; n < size; n++) group.createTask(trivial(n));
    return await group.createTask(trivial(size));
  });
  check(last, size);
  return size;
}

async function waiting(): Promise<void> {
  await new Future<void>();
}

export async function cancellations(size: number): Promise<number> {
  const all = Array.from({ length: size }, () => createTask(waiting()));
  await sleep(0);
  for (const task of all) task.cancel();
  await gather(all, { returnExceptions: true });
  let count = 0;
  for (const task of all) if (task.cancelled()) count++;
  check(count, size);
  return size;
}

export async function timers(size: number): Promise<number> {
  let count = 0;
  async function job(n: number): Promise<void> {
    await sleep(1 + ((n * 7_919) % 20_011) / 1_000);
    count++;
  }
  await gather(Array.from({ length: size }, (_, n) => job(n)));
  check(count, size);
  return size;
}

export async function lockWaiters(size: number): Promise<number> {
  const lock = new Lock();
  let count = 0;
  async function job(): Promise<void> {
    await lock.acquire();
    count++;
    lock.release();
  }
  await lock.acquire();
  const all = gather(Array.from({ length: size }, job));
  await sleep(0);
  check(lock.statistics().waiters, size);
  lock.release();
  await all;
  check(count, size);
  return size;
}

export async function semaphoreWaiters(size: number): Promise<number> {
  const semaphore = new Semaphore(10);
  let count = 0;
  async function job(): Promise<void> {
    await semaphore.acquire();
    await sleep(0);
    count++;
    semaphore.release();
  }
  await gather(Array.from({ length: size }, job));
  check(count, size);
  return size;
}

export async function eventWaiters(size: number): Promise<number> {
  const event = new Event();
  let count = 0;
  async function job(): Promise<void> {
    await event.wait();
    count++;
  }
  const all = gather(Array.from({ length: size }, job));
  await sleep(0);
  check(event.statistics().waiters, size);
  event.set();
  await all;
  check(count, size);
  return size;
}

export async function queueGetters(size: number): Promise<number> {
  const queue = new Queue<number>();
  let count = 0;
  async function job(): Promise<void> {
    await queue.get();
    count++;
  }
  const all = gather(Array.from({ length: size }, job));
  await sleep(0);
  check(queue.statistics().getters, size);
  for (let n = 0; n < size; n++) queue.putNowait(1);
  await all;
  check(count, size);
  return size;
}

async function fillAndEmpty(queue: Queue<number>, size: number): Promise<number> {
  let sum = 0;
  for (let n = 0; n < size; n++) await queue.put((n * 7_919) % 10_007);
  check(queue.qsize(), size);
  for (let n = 0; n < size; n++) sum += (await queue.get()) >= 0 ? 1 : 0;
  check(sum, size);
  return size;
}

export async function queueItems(size: number): Promise<number> {
  return await fillAndEmpty(new Queue<number>(), size);
}

export async function priorityQueueItems(size: number): Promise<number> {
  return await fillAndEmpty(new PriorityQueue<number>(), size);
}

async function limited(depth: number): Promise<number> {
  if (depth === 0) {
    await sleep(0);
    return 0;
  }
  return 1 + (await timeout("1h", () => limited(depth - 1)));
}

export async function nestedTimeouts(size: number): Promise<number> {
  check(await limited(size), size);
  return size;
}

async function scoped(depth: number): Promise<number> {
  if (depth === 0) {
    await sleep(0);
    return 0;
  }
  return 1 + ((await cancelScope(() => scoped(depth - 1))) ?? Number.NaN);
}

export async function nestedScopes(size: number): Promise<number> {
  check(await scoped(size), size);
  return size;
}

async function nested(depth: number): Promise<number> {
  if (depth === 0) {
    await sleep(0);
    return 0;
  }
  return 1 + (await nested(depth - 1));
}

/** A chain of `size` callers is suspended and ends: the cost of one caller. */
export async function chainLevels(size: number): Promise<number> {
  check(await nested(size), size);
  return size;
}

const RESUMES = 200_000;

/** Suspensions below `size` callers, without what it costs to get there. */
export async function chainResumes(size: number, watch: Watch): Promise<number> {
  async function below(depth: number): Promise<number> {
    if (depth > 0) return 1 + (await below(depth - 1));
    watch.start();
    for (let n = 0; n < RESUMES; n++) await sleep(0);
    watch.stop();
    return 0;
  }
  check(await below(size), size);
  return RESUMES;
}

function* counting(n: number): Generator<undefined, number, undefined> {
  yield;
  return n;
}

/** Nothing of tsyncio: generators that are made, kept and resumed. What grows here is the engine's and the memory's. */
export async function bareGenerators(size: number): Promise<number> {
  const all = Array.from({ length: size }, (_, n) => counting(n));
  for (const one of all) one.next();
  let last: unknown;
  for (const one of all) last = one.next().value;
  check(last, size - 1);
  return size;
}
