// A group that is shutting down takes no new tasks; one cancelled child is no failure.
import { CancelledError, type Coroutine, ExceptionGroup, RuntimeError, type Task, TaskGroup, coroutine, currentTask, run, sleep, taskGroup } from "tsyncio";

class ValueError extends Error {}

const fail = coroutine(function* fail() {
  yield* sleep(0);
  throw new ValueError("failed");
});

const spawnInCleanup = coroutine(function* spawnInCleanup(tg: TaskGroup) {
  try {
    yield* sleep(5000);
  } finally {
    const co = never();
    try {
      tg.createTask(co);
    } catch (e) {
      if (!(e instanceof RuntimeError)) throw e;
      console.log("refused while shutting down");
      (co as unknown as Coroutine<void>).close();
    }
  }
});

const never = coroutine(function* never() {
  console.log("wrong");
});

const work = coroutine(function* work(name: string, delay: number) {
  try {
    yield* sleep(delay);
    console.log(name, "finished");
    return name;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "cancelled", e.message);
    throw e;
  }
});

const main = coroutine(function* main() {
  try {
    yield* taskGroup(coroutine(function* (tg) {
      tg.createTask(spawnInCleanup(tg));
      tg.createTask(fail());
    }));
  } catch (eg) {
    if (!(eg instanceof ExceptionGroup)) throw eg;
    console.log("group of", eg.errors.length);
  }
  let a!: Task<string>;
  let b!: Task<string>;
  yield* taskGroup(coroutine(function* (tg) {
    a = tg.createTask(work("a", 5000));
    b = tg.createTask(work("b", 60));
    yield* sleep(0);
    a.cancel("not needed");
    console.log("cancel asked");
  }));
  console.log("group is fine", Number(a.cancelled()), b.result(), currentTask()!.cancelling());
  let d!: Task<string>;
  yield* taskGroup(coroutine(function* (tg) {
    const c = tg.createTask(work("c", 5000));
    yield* sleep(0);
    c.cancel("awaited");
    try {
      yield* c;
    } catch (e) {
      if (!(e instanceof CancelledError)) throw e;
      console.log("body saw", e.message);
    }
    d = tg.createTask(work("d", 0));
  }));
  console.log("after", d.result());
});

await run(main());
