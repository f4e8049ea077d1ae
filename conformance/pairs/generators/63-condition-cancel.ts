// A waiter cancelled in wait takes the lock again before it leaves; a notification it got is passed on.
import { CancelledError, Condition, TimeoutError, coroutine, createTask, run, sleep, wait, waitFor } from "tsyncio";

const waiter = coroutine(function* waiter(name: string, cond: Condition) {
  using guard = yield* cond.acquire();
  try {
    yield* cond.wait();
    console.log(name, "notified");
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "cancelled, lock held", Number(cond.locked()));
    throw e;
  }
});

const main = coroutine(function* main() {
  const cond = new Condition();
  const a = createTask(waiter("a", cond));
  yield* sleep(0);
  yield* cond.acquire();
  a.cancel();
  yield* sleep(0);
  yield* sleep(0);
  console.log("a waits for the lock", Number(a.done()));
  a.cancel();
  yield* sleep(0);
  console.log("a still waits", Number(a.done()), a.cancelling());
  cond.release();
  yield* wait([a]);
  console.log("a", Number(a.cancelled()), Number(cond.locked()));

  const b = createTask(waiter("b", cond));
  const c = createTask(waiter("c", cond));
  yield* sleep(0);
  {
    using guard = yield* cond.acquire();
    cond.notify(1);
    b.cancel();
  }
  yield* wait([b]);
  console.log("b", Number(b.cancelled()));
  yield* c;
  console.log("c took over the notification");

  {
    using guard = yield* cond.acquire();
    try {
      yield* waitFor(cond.wait(), 20);
    } catch (e) {
      if (!(e instanceof TimeoutError)) throw e;
      console.log("timeout, lock held", Number(cond.locked()));
    }
  }
  console.log("free", Number(!cond.locked()));
});

await run(main());
