import {
  BrokenWorkerError,
  ProcessPoolExecutor,
  remote,
  ThreadPoolExecutor,
  transfer,
  type WorkerPoolExecutor,
} from "@tsyncio/node";
import { getRunningLoop } from "tsyncio";
import type { Random } from "../../../../conformance/random/random.ts";
import { payload } from "../conversation.ts";
import { check, errorOf, type Kind, type Workload } from "../workload.ts";

const jobs = remote<typeof import("../jobs.ts")>(new URL("../jobs.ts", import.meta.url));
const options = { maxWorkers: 2, cancelGrace: 30 };

/** Jobs on threads. */
export const threads: Kind = {
  name: "threads",
  tasks: 4,
  open: async () => new Executors(new ThreadPoolExecutor(options)),
};

/** Jobs on processes. */
export const processes: Kind = {
  name: "processes",
  tasks: 4,
  open: async () => new Executors(new ProcessPoolExecutor(options)),
};

class Executors implements Workload {
  readonly #pool: WorkerPoolExecutor;

  constructor(pool: WorkerPoolExecutor) {
    this.#pool = pool;
  }

  async operate(random: Random): Promise<void> {
    const pool = this.#pool;
    // A worker that is ended takes long to be replaced: that is rare.
    if (random.chance(0.002)) return await lose(pool);
    if (random.chance(0.002)) return await pool.submit(jobs.compute, 200);
    switch (random.between(0, 6)) {
      case 0: {
        const ms = random.between(0, 10);
        return check((await pool.submit(jobs.nap, ms)) === ms, "what a nap gives");
      }
      case 1:
        return await fail(pool);
      case 2:
        return await send(pool, Buffer.from(payload(random)), random);
      case 3:
        return await stream(pool, random.between(0, 40), random);
      case 4:
        return await map(pool, random);
      default: {
        const numbers = Array.from({ length: random.between(0, 50) }, () => random.between(0, 9));
        const total = numbers.reduce((sum, number) => sum + number, 0);
        const given = await getRunningLoop().runInExecutor(pool, jobs.sum, numbers);
        return check(given === total, "a sum of numbers");
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.shutdown();
  }
}

async function lose(pool: WorkerPoolExecutor): Promise<void> {
  const error = await errorOf(pool.submit(jobs.leave));
  check(error instanceof BrokenWorkerError, `the error of a worker that has left is ${String(error)}`);
}

async function fail(pool: WorkerPoolExecutor): Promise<void> {
  const error = await errorOf(pool.submit(jobs.fail, "no"));
  check(error instanceof RangeError && error.message === "no", `the error of a job is ${String(error)}`);
}

async function send(pool: WorkerPoolExecutor, data: Buffer, random: Random): Promise<void> {
  const own = Uint8Array.from(data);
  const sent = random.chance(0.5) ? transfer(own, [own.buffer]) : own;
  check((await pool.submit(jobs.size, sent)) === data.length, "the size of what was sent");
}

async function stream(pool: WorkerPoolExecutor, length: number, random: Random): Promise<void> {
  await using items = await pool.submit(jobs.count, length);
  const enough = random.chance(0.3) ? length >> 1 : length;
  let expected = 1;
  for await (const item of items) {
    check(item === expected, `item ${expected} of a stream`);
    if (expected++ >= enough) break;
  }
  if (enough === length) check(expected === length + 1, "the number of items of a stream");
}

async function map(pool: WorkerPoolExecutor, random: Random): Promise<void> {
  const items = Array.from({ length: random.between(1, 20) }, (_, index) => [index, 1]);
  let expected = 1;
  for await (const total of pool.map(jobs.sum, items, { chunkSize: random.between(1, 4) }))
    check(total === expected++, "a result of map()");
  check(expected === items.length + 1, "the number of results of map()");
}
