// Several children fail: their errors are grouped in the order of finishing; cancelled ones are left out.
import { ExceptionGroup, RuntimeError, coroutine, run, sleep, taskGroup } from "tsyncio";

class ValueError extends Error {}
class KeyError extends Error {}

const fail = coroutine(function* fail(name: string, rounds: number, error: new (m: string) => Error = ValueError) {
  for (let i = 0; i < rounds; i++) {
    yield* sleep(0);
  }
  throw new error(name);
});

const failsWhenCancelled = coroutine(function* failsWhenCancelled(name: string) {
  try {
    yield* sleep(5000);
  } finally {
    yield* sleep(0);
    throw new KeyError(name);
  }
});

const obeys = coroutine(function* obeys() {
  yield* sleep(5000);
});

const main = coroutine(function* main() {
  try {
    yield* taskGroup(coroutine(function* (tg) {
      tg.createTask(fail("one", 0));
      tg.createTask(fail("two", 0));
      tg.createTask(fail("three", 0));
      tg.createTask(fail("not reached", 3));
    }));
  } catch (eg) {
    if (!(eg instanceof ExceptionGroup)) throw eg;
    console.log("same iteration:", eg.errors.map((e) => e.message).join(","));
  }
  try {
    yield* taskGroup(coroutine(function* (tg) {
      tg.createTask(failsWhenCancelled("cleanup"));
      tg.createTask(obeys());
      tg.createTask(fail("cause", 1));
    }));
  } catch (eg) {
    if (!(eg instanceof ExceptionGroup)) throw eg;
    console.log("cleanup fails too:", eg.errors.map((e) => e.constructor.name).join(","));
    const [values, rest] = eg.split((e) => e instanceof ValueError);
    console.log("split", values!.errors.length, rest!.errors.length, values!.errors[0].message);
    const [none, everything] = eg.split((e) => e instanceof RuntimeError);
    console.log("split none", Number(none == null), everything!.errors.length);
  }
  const handled: string[] = [];
  try {
    yield* taskGroup(coroutine(function* (tg) {
      tg.createTask(fail("v", 0));
      tg.createTask(fail("r", 0, RuntimeError));
    }));
  } catch (eg) {
    if (!(eg instanceof ExceptionGroup)) throw eg;
    const values = eg.errors.filter((e) => e instanceof ValueError);
    if (values.length) handled.push("values " + values.length);
    const runtimes = eg.errors.filter((e) => e instanceof RuntimeError);
    if (runtimes.length) handled.push("runtimes " + runtimes.length);
  }
  console.log(handled.join("; "));
});

await run(main());
