import { Sema } from "async-sema";
import { check } from "../../check.mjs";

export const start = (promise) => promise;

export async function freeLock(times) {
  const lock = new Sema(1, { capacity: 100 });
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

export const contendedLock = (times) => contended(new Sema(1, { capacity: 100 }), 1, times);
export const contendedSemaphore = (times) => contended(new Sema(10, { capacity: 100 }), 10, times);
