// A lock goes to its waiters in order; a task that releases and asks again cannot overtake them.
import { Lock, RuntimeError, coroutine, createTask, gather, run, sleep } from "tsyncio";

class ValueError extends Error {}

const worker = coroutine(function* worker(name: string, lock: Lock, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    {
      using guard = yield* lock.acquire();
      console.log(name, "holds", i);
      yield* sleep(0);
    }
    console.log(name, "released", i, Number(lock.locked()));
  }
});

const main = coroutine(function* main() {
  const lock = new Lock();
  const tasks = ["a", "b", "c"].map((n) => createTask(worker(n, lock, 2)));
  yield* gather(tasks);
  console.log("free", Number(lock.locked()));
  try {
    lock.release();
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("not acquired");
  }
  yield* lock.acquire();
  const waiter = createTask(worker("waiter", lock, 1));
  yield* sleep(0);
  lock.release();
  console.log("released but promised", Number(lock.locked()));
  console.log("main asks again");
  yield* lock.acquire();
  console.log("main got it", Number(waiter.done()));
  lock.release();
  yield* waiter;
  try {
    using guard = yield* lock.acquire();
    throw new ValueError("inside");
  } catch (e) {
    if (!(e instanceof ValueError)) throw e;
    console.log("released by the error", Number(lock.locked()));
  }
});

await run(main());
