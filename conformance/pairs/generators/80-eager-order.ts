// With the eager task factory a task runs at once, up to its first real suspension.
import { CancelledError, type Task, coroutine, createTask, currentTask, eagerTaskFactory, getRunningLoop, run, sleep } from "tsyncio";

class ValueError extends Error {}

let mainTask: Task | null;

const quick = coroutine(function* quick(name: string) {
  console.log(name, "runs");
  return name + " result";
});

const waits = coroutine(function* waits(name: string) {
  console.log(name, "starts", Number(currentTask() !== mainTask));
  yield* sleep(0);
  console.log(name, "resumes");
  return name + " result";
});

const fails = coroutine(function* fails(name: string) {
  console.log(name, "fails");
  throw new ValueError(name);
});

const spawns = coroutine(function* spawns(name: string) {
  console.log(name, "spawns");
  const inner = createTask(waits(name + " inner"));
  console.log(name, "spawned", Number(inner.done()));
  return yield* inner;
});

const main = coroutine(function* main() {
  mainTask = currentTask();
  const lazy = createTask(quick("lazy"));
  getRunningLoop().setTaskFactory(eagerTaskFactory);
  console.log("factory set");
  const a = createTask(quick("a"));
  console.log("a done", Number(a.done()), a.result());
  const b = createTask(waits("b"));
  console.log("b done", Number(b.done()), Number(currentTask() === mainTask));
  const c = createTask(fails("c"));
  console.log("c done", Number(c.done()), c.exception()!.message);
  const d = createTask(spawns("d"));
  console.log("d done", Number(d.done()));
  a.addDoneCallback(() => console.log("callback of a"));
  console.log("no suspension", yield* a);
  const e = createTask(waits("e"));
  e.cancel("too late to stop the start");
  try {
    yield* e;
  } catch (x) {
    if (!(x instanceof CancelledError)) throw x;
    console.log("e cancelled", x.message);
  }
  console.log(yield* b, "|", yield* d, "|", yield* lazy);
  getRunningLoop().setTaskFactory(null);
  const f = createTask(quick("f"));
  console.log("lazy again", Number(f.done()));
  yield* f;
});

await run(main());
