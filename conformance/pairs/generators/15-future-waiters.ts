// Several tasks wait for one future; they wake in the order they began to wait.
import { CancelledError, type Future, coroutine, createTask, currentTask, getRunningLoop, run, sleep } from "tsyncio";

class ValueError extends Error {}

const waiter = coroutine(function* waiter(name: string, fut: Future<number>) {
  try {
    console.log(name, "got", yield* fut);
  } catch (e) {
    if (e instanceof CancelledError) {
      console.log(name, "cancelled", e.message);
      console.log(name, "asked to cancel", currentTask()!.cancelling());
    } else if (e instanceof ValueError) {
      console.log(name, "error", e.message);
    } else throw e;
  }
});

const roundOf = coroutine(function* roundOf(action: (f: Future<number>) => unknown) {
  const fut = getRunningLoop().createFuture<number>();
  const tasks = ["a", "b", "c"].map((n) => createTask(waiter(n, fut)));
  yield* sleep(0);
  action(fut);
  console.log("acted");
  const late = createTask(waiter("late", fut));
  yield* sleep(0);
  console.log("main");
  for (const t of [...tasks, late]) {
    yield* t;
    console.log("cancelled task", Number(t.cancelled()));
  }
});

const main = coroutine(function* main() {
  yield* roundOf((f) => f.setResult(1));
  console.log("--");
  yield* roundOf((f) => f.setException(new ValueError("bad")));
  console.log("--");
  yield* roundOf((f) => f.cancel("over"));
});

await run(main());
