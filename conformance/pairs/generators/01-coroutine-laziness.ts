// Calling a coroutine function runs nothing; a coroutine runs once.
import { type Coroutine, RuntimeError, coroutine, createTask, run, sleep } from "tsyncio";

const work = coroutine(function* work(name: string) {
  console.log("start", name);
  yield* sleep(0);
  console.log("end", name);
  return name;
});

const main = coroutine(function* main() {
  const a = work("a");
  const b = work("b");
  const c = work("c");
  console.log("made");
  console.log("got", yield* b);
  const task = createTask(c);
  console.log("scheduled");
  console.log("got", yield* a);
  console.log("got", yield* task);
  try {
    yield* a;
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("awaited twice");
  }
  try {
    yield* c;
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("already run by its task");
  }
  const d = work("d") as unknown as Coroutine<string>;
  d.close();
  try {
    yield* d;
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("closed");
  }
});

console.log("before");
await run(main());
console.log("after");
