// A deadline already past strikes at the next suspension; a body that never suspends is spared.
import { type Timeout, TimeoutError, coroutine, currentTask, getRunningLoop, run, sleep, timeout, timeoutAt } from "tsyncio";

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  let t!: Timeout;
  for (const delay of [0, -1000]) {
    try {
      yield* timeout(delay, coroutine(function* (scope) {
        t = scope;
        console.log("body runs", Number(t.expired()));
        yield* sleep(0);
        console.log("never here");
      }));
    } catch (e) {
      if (!(e instanceof TimeoutError)) throw e;
      console.log("timeout", Number(t.expired()));
    }
  }
  yield* timeout(-1000, coroutine(function* (scope) {
    t = scope;
    console.log("no suspension");
  }));
  console.log("expired", Number(t.expired()));
  try {
    yield* timeout(0, coroutine(function* () {
      yield* sleep(5000);
    }));
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("sleep struck");
  }
  try {
    yield* timeoutAt(loop.time() + 40, coroutine(function* (scope) {
      t = scope;
      yield* sleep(5000);
    }));
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("timeout_at", Number(t.expired()), Number(loop.time() >= t.when()!));
  }
  try {
    yield* timeoutAt(loop.time() - 5000, coroutine(function* () {
      yield* sleep(5000);
    }));
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("timeout_at in the past");
  }
  yield* timeoutAt(null, coroutine(function* (scope) {
    t = scope;
    yield* sleep(0);
  }));
  console.log("timeout_at none", Number(t.expired()));
  const fut = loop.createFuture<string>();
  fut.setResult("value");
  yield* timeout(0, coroutine(function* (scope) {
    t = scope;
    console.log("done future", yield* fut);
  }));
  yield* sleep(0);
  console.log("cancelling", currentTask()!.cancelling());
});

await run(main());
