// Awaiting something already finished, or a coroutine that never waits, does not suspend.
import { CancelledError, coroutine, createTask, gather, getRunningLoop, run, shield, sleep, waitFor } from "tsyncio";

class ValueError extends Error {}

const leaf = coroutine(function* leaf(x: number) {
  return x + 1;
});

const chain = coroutine(function* chain(x: number) {
  return yield* leaf(yield* leaf(x));
});

const say = coroutine(function* say(text: string) {
  console.log(text);
  return text;
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  const first = createTask(say("first task"));
  console.log("chain", yield* chain(1));
  const fut = loop.createFuture<number>();
  fut.setResult(7);
  console.log("future", yield* fut);
  console.log("again", yield* fut);
  const failed = loop.createFuture<number>();
  failed.setException(new ValueError("bad"));
  try {
    yield* failed;
  } catch (e) {
    if (!(e instanceof ValueError)) throw e;
    console.log("error", e.message);
  }
  const gone = loop.createFuture<number>();
  gone.cancel("no need");
  try {
    yield* gone;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("cancelled", e.message);
  }
  console.log("empty gather", (yield* gather()).length);
  console.log("not yet suspended");
  yield* sleep(0);
  console.log("now", Number(first.done()));
  const second = createTask(say("second task"));
  console.log("result", yield* first);
  console.log("shielded", yield* shield(first));
  console.log("waited for", yield* waitFor(first, 1000));
  console.log("still before the second task");
  yield* second;
});

await run(main());
