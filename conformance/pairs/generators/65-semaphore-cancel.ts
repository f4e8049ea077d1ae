// A cancelled waiter leaves the line; one cancelled after it was given a permit hands it to the next.
import { CancelledError, Semaphore, TimeoutError, coroutine, createTask, run, sleep, wait, waitFor } from "tsyncio";

const worker = coroutine(function* worker(name: string, sem: Semaphore) {
  try {
    yield* sem.acquire();
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "gave up");
    throw e;
  }
  console.log(name, "in");
  try {
    yield* sleep(0);
  } finally {
    sem.release();
    console.log(name, "out");
  }
});

const main = coroutine(function* main() {
  let sem = new Semaphore(1);
  yield* sem.acquire();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((n) => createTask(worker(n, sem)));
  yield* sleep(0);
  b.cancel();
  sem.release();
  a.cancel();
  yield* wait([a, b, c, d]);
  console.log("cancelled", ...[a, b, c, d].map((t) => Number(t.cancelled())), "free", Number(!sem.locked()));

  sem = new Semaphore(2);
  yield* sem.acquire();
  yield* sem.acquire();
  const [e, f, g] = ["e", "f", "g"].map((n) => createTask(worker(n, sem)));
  yield* sleep(0);
  sem.release();
  sem.release();
  e.cancel();
  f.cancel();
  yield* wait([e, f, g]);
  console.log("cancelled", ...[e, f, g].map((t) => Number(t.cancelled())));
  yield* sem.acquire();
  yield* sem.acquire();
  console.log("both permits are back", Number(sem.locked()));
  try {
    yield* waitFor(sem.acquire(), 20);
  } catch (err) {
    if (!(err instanceof TimeoutError)) throw err;
    console.log("timeout");
  }
  sem.release();
  console.log("one free", Number(!sem.locked()));
});

await run(main());
