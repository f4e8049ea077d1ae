// Cancelling the outer side of a shield leaves the inner task running to its end.
import { CancelledError, type Task, coroutine, createTask, run, shield, sleep, wait } from "tsyncio";

const save = coroutine(function* save(name: string, delay: number) {
  try {
    console.log(name, "saving");
    yield* sleep(delay);
    console.log(name, "saved");
    return name;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "lost");
    throw e;
  }
});

const guarded = coroutine(function* guarded(inner: Task<string>) {
  try {
    return yield* shield(inner);
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("outer cancelled", e.message);
    throw e;
  }
});

const waitsAnyway = coroutine(function* waitsAnyway(inner: Task<string>) {
  try {
    yield* shield(inner);
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("finishing first");
    yield* inner;
    throw e;
  }
});

const main = coroutine(function* main() {
  let inner = createTask(save("a", 150));
  const outer = createTask(guarded(inner));
  yield* sleep(0);
  yield* sleep(0);
  outer.cancel("go away");
  yield* wait([outer]);
  console.log("outer", Number(outer.cancelled()), "inner", Number(inner.done()));
  console.log("inner gave", yield* inner);
  inner = createTask(save("b", 150));
  const second = createTask(waitsAnyway(inner));
  yield* sleep(0);
  yield* sleep(0);
  second.cancel();
  yield* wait([second]);
  console.log("outer", Number(second.cancelled()), "inner", inner.result());
  const shielded = shield(save("c", 40));
  console.log("cancel the shield itself", Number(shielded.cancel()), Number(shielded.cancelled()));
  yield* sleep(100);
  console.log("end");
});

await run(main());
