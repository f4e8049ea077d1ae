// A second cancel interrupts the cleanup of the first; an error raised in cleanup replaces the cancellation.
import { CancelledError, coroutine, createTask, run, sleep } from "tsyncio";

class ValueError extends Error {}

const careful = coroutine(function* careful(name: string) {
  try {
    yield* sleep(5000);
  } finally {
    console.log(name, "cleanup begins");
    try {
      yield* sleep(150);
      console.log(name, "cleanup ends");
    } catch (e) {
      if (!(e instanceof CancelledError)) throw e;
      console.log(name, "cleanup interrupted", e.message);
      throw e;
    }
  }
});

const broken = coroutine(function* broken() {
  try {
    yield* sleep(5000);
  } finally {
    yield* sleep(0);
    throw new ValueError("cleanup failed");
  }
});

const main = coroutine(function* main() {
  const once = createTask(careful("once"));
  const twice = createTask(careful("twice"));
  const bad = createTask(broken());
  yield* sleep(0);
  once.cancel("first");
  twice.cancel("first");
  bad.cancel("first");
  yield* sleep(0);
  console.log("cancelling twice", Number(twice.cancel("second")), twice.cancelling());
  for (const t of [once, twice, bad]) {
    try {
      yield* t;
    } catch (e) {
      if (e instanceof CancelledError) {
        console.log("cancelled", e.message, Number(t.cancelled()));
      } else if (e instanceof ValueError) {
        console.log("error", e.message, Number(t.cancelled()), t.cancelling());
      } else throw e;
    }
  }
});

await run(main());
