// A limit of zero or less: a done future gives its result, a coroutine never starts, a task is cancelled.
import { CancelledError, TimeoutError, coroutine, createTask, currentTask, getRunningLoop, run, sleep, waitFor } from "tsyncio";

class ValueError extends Error {}

const work = coroutine(function* work(name: string) {
  console.log(name, "started");
  try {
    yield* sleep(5000);
  } finally {
    console.log(name, "finally");
  }
});

const keeps = coroutine(function* keeps(name: string) {
  try {
    yield* sleep(5000);
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "refuses");
    return "late value";
  }
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  const done = loop.createFuture<string>();
  done.setResult("ready");
  console.log(yield* waitFor(done, 0), yield* waitFor(done, -1000));
  for (const limit of [0, -1000]) {
    try {
      yield* waitFor(work("coroutine"), limit);
    } catch (e) {
      if (!(e instanceof TimeoutError)) throw e;
      console.log("timeout, not started");
    }
  }
  const task = createTask(work("task"));
  yield* sleep(0);
  try {
    yield* waitFor(task, 0);
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("timeout", Number(task.cancelled()));
  }
  const keeper = createTask(keeps("keeper"));
  yield* sleep(0);
  console.log("kept", yield* waitFor(keeper, -1000));
  const failed = loop.createFuture<string>();
  failed.setException(new ValueError("failed before"));
  try {
    yield* waitFor(failed, 0);
  } catch (e) {
    if (!(e instanceof ValueError)) throw e;
    console.log(e.message);
  }
  const pending = loop.createFuture<string>();
  try {
    yield* waitFor(pending, 0);
  } catch (e) {
    if (!(e instanceof TimeoutError)) throw e;
    console.log("pending future cancelled", Number(pending.cancelled()));
  }
  console.log("cancelling", currentTask()!.cancelling());
});

await run(main());
