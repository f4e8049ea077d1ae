// timeout(): in time, too late, without limit; expired() tells which.
import { CancelledError, type Timeout, TimeoutError, coroutine, currentTask, run, sleep, timeout } from "tsyncio";

class ValueError extends Error {}
class KeyError extends Error {}

const main = coroutine(function* main() {
  const me = currentTask()!;
  let t!: Timeout;
  yield* timeout(1000, coroutine(function* (scope) {
    t = scope;
    yield* sleep(40);
    console.log("in time");
  }));
  console.log("expired", Number(t.expired()));
  try {
    yield* timeout(40, coroutine(function* (scope) {
      t = scope;
      try {
        console.log("deadline set", Number(t.when() != null));
        yield* sleep(5000);
      } catch (e) {
        if (!(e instanceof CancelledError)) throw e;
        console.log("body sees a cancellation", me.cancelling(), Number(t.expired()));
        throw e;
      } finally {
        yield* sleep(0);
        console.log("body cleaned up");
      }
    }));
    console.log("never here");
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("timeout", Number(t.expired()), me.cancelling());
  }
  yield* timeout(null, coroutine(function* (scope) {
    t = scope;
    yield* sleep(0);
    console.log("no deadline", Number(t.when() == null), Number(t.expired()));
  }));
  try {
    yield* timeout(1000, coroutine(function* (scope) {
      t = scope;
      throw new ValueError("body error");
    }));
  } catch (e) {
    if (!(e instanceof ValueError)) throw e;
    console.log(e.message, Number(t.expired()));
  }
  try {
    yield* timeout(40, coroutine(function* (scope) {
      t = scope;
      try {
        yield* sleep(5000);
      } catch (e) {
        if (!(e instanceof CancelledError)) throw e;
        throw new KeyError("instead");
      }
    }));
  } catch (e) {
    if (!(e instanceof KeyError)) throw e;
    console.log("the body's own error", Number(t.expired()), me.cancelling());
  }
  yield* sleep(0);
  console.log("main goes on");
});

await run(main());
