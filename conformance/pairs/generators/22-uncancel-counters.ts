// cancelling() counts requests, uncancel() takes one back; at zero a request not yet delivered is dropped.
import { type Awaitable, CancelledError, coroutine, createTask, currentTask, run, sleep } from "tsyncio";

const counting = coroutine(function* counting() {
  const me = currentTask()!;
  console.log("start", me.cancelling(), me.uncancel());
  me.cancel("self");
  me.cancel("self");
  console.log("after two", me.cancelling());
  console.log("uncancel", me.uncancel(), me.uncancel(), me.uncancel());
  yield* sleep(0);
  console.log("not cancelled after all");
  me.cancel("kept");
  me.cancel("kept too");
  console.log("uncancel one", me.uncancel());
  try {
    yield* sleep(0);
    console.log("wrong");
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("cancelled", e.message, me.cancelling());
  }
  return me.uncancel();
});

const structured = coroutine(function* structured(body: Awaitable<void>) {
  const me = currentTask()!;
  try {
    yield body;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    if (me.uncancel() > 0) {
      console.log("someone else wants it too", me.cancelling());
      throw e;
    }
    console.log("handled here");
  }
  yield* sleep(0);
  return "went on";
});

const main = coroutine(function* main() {
  console.log("left", yield* createTask(counting()));
  let task = createTask(structured(sleep(5000)));
  yield* sleep(0);
  task.cancel();
  console.log(yield* task, task.cancelling());
  task = createTask(structured(sleep(5000)));
  yield* sleep(0);
  task.cancel();
  task.cancel();
  try {
    yield* task;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("propagated", task.cancelling(), Number(task.cancelled()));
  }
});

await run(main());
