// A new task starts in the next iteration, behind what was ready before it.
import { coroutine, createTask, getRunningLoop, run, sleep } from "tsyncio";

const child = coroutine(function* child(name: string) {
  console.log("start", name);
  getRunningLoop().callSoon(console.log, "callback of", name);
  yield* sleep(0);
  console.log("end", name);
});

const parent = coroutine(function* parent(name: string) {
  console.log("parent", name);
  createTask(child(name + "1"));
  createTask(child(name + "2"));
  console.log("parent done", name);
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  loop.callSoon(console.log, "soon 1");
  const a = createTask(parent("a"));
  loop.callSoon(console.log, "soon 2");
  const b = createTask(parent("b"));
  loop.callSoon(console.log, "soon 3");
  console.log("main waits");
  yield* a;
  console.log("main after a");
  yield* b;
  console.log("main after b");
  for (let i = 0; i < 3; i++) {
    yield* sleep(0);
    console.log("main turn", i);
  }
});

await run(main());
