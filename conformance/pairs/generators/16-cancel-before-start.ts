// A task cancelled before its first step never runs its body, not even its finally.
import { CancelledError, coroutine, createTask, currentTask, run, sleep } from "tsyncio";

const work = coroutine(function* work(name: string) {
  console.log("start", name);
  try {
    yield* sleep(0);
  } finally {
    console.log("finally", name);
  }
});

const main = coroutine(function* main() {
  const a = createTask(work("a"));
  const b = createTask(work("b"));
  b.addDoneCallback((t) => console.log("callback of b", Number(t.cancelled())));
  console.log("cancel", Number(b.cancel("too early")));
  console.log("b done", Number(b.done()), "cancelled", Number(b.cancelled()), "cancelling", b.cancelling());
  yield* sleep(0);
  console.log("b done", Number(b.done()), "cancelled", Number(b.cancelled()), "cancelling", b.cancelling());
  try {
    yield* b;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("main saw", e.message);
  }
  console.log("main cancelling", currentTask()!.cancelling());
  yield* a;
  const c = createTask(work("c"));
  c.cancel("one");
  c.cancel("two");
  try {
    yield* c;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("last message", e.message);
  }
  console.log("a cancelled", Number(a.cancelled()));
});

await run(main());
