// One cancellation going down a tree of groups, gathers and shields, and the cleanup coming back up.
import { CancelledError, allTasks, coroutine, createTask, gather, run, shield, sleep, taskGroup, waitFor } from "tsyncio";

const leaf = coroutine(function* leaf(name: string, rounds = 0) {
  try {
    yield* sleep(5000);
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("leaf", name, "cancelled");
    for (let k = 0; k < rounds; k++) {
      yield* sleep(0);
    }
    console.log("leaf", name, "clean");
    throw e;
  } finally {
    console.log("leaf", name, "finally");
  }
});

const gathering = coroutine(function* gathering() {
  try {
    yield* gather(leaf("g1", 2), leaf("g2"), nestedGather());
  } finally {
    console.log("gathering finally");
  }
});

const nestedGather = coroutine(function* nestedGather() {
  try {
    yield* gather(leaf("n1"), leaf("n2", 1));
  } finally {
    console.log("nested finally");
  }
});

const protectedBody = coroutine(function* protectedBody() {
  const inner = createTask(save());
  try {
    yield* shield(inner);
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("protected waits for the inner task");
    console.log("inner gave", yield* inner);
    throw e;
  }
});

const save = coroutine(function* save() {
  yield* sleep(300);
  return "saved";
});

const root = coroutine(function* root() {
  yield* taskGroup(coroutine(function* (tg) {
    tg.createTask(gathering());
    try {
      yield* waitFor(protectedBody(), 2000);
    } finally {
      console.log("root body finally");
    }
  }));
});

const main = coroutine(function* main() {
  const task = createTask(root());
  yield* sleep(40);
  task.cancel("stop all");
  try {
    yield* task;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("main saw", e.message, Number(task.cancelled()), task.cancelling());
  }
  console.log("tasks left", allTasks().size);
});

await run(main());
