import { Mutex, Semaphore } from "async-mutex";
import { check } from "../../check.mjs";

export const start = (promise) => promise;

export async function freeLock(times) {
  const lock = new Mutex();
  let count = 0;
  for (let i = 0; i < times; i++) {
    const release = await lock.acquire();
    try {
      count++;
    } finally {
      release();
    }
  }
  check(count, times);
  return count;
}

async function contended(lock, permits, times) {
  let inside = 0;
  let count = 0;
  async function job() {
    for (let i = 0; i < times; i++) {
      await lock.acquire();
      try {
        if (++inside > permits) throw new Error("Cannot measure: too many hold it");
        await Promise.resolve();
        count++;
      } finally {
        inside--;
        lock.release();
      }
    }
  }
  await Promise.all(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export const contendedLock = (times) => contended(new Mutex(), 1, times);
export const contendedSemaphore = (times) => contended(new Semaphore(10), 10, times);
