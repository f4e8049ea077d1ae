// How many iterations of the loop each construct takes, counted by a callback that runs once in each.
import { type Awaitable, coroutine, createTask, gather, getRunningLoop, run, shield, sleep, taskGroup, wait, waitFor } from "tsyncio";

let ticks = 0;
let running = true;

function tick() {
  ticks += 1;
  if (running) {
    getRunningLoop().callSoon(tick);
  }
}

const value = coroutine(function* value(x: number) {
  return x;
});

const slow = coroutine(function* slow(x: number) {
  yield* sleep(0);
  return x;
});

const measure = coroutine(function* measure(name: string, awaitable: Awaitable<unknown>) {
  const start = ticks;
  yield awaitable;
  console.log(name, ticks - start);
});

const group = coroutine(function* group(n: number) {
  yield* taskGroup(coroutine(function* (tg) {
    for (let i = 0; i < n; i++) {
      tg.createTask(value(i));
    }
  }));
});

const main = coroutine(function* main() {
  getRunningLoop().callSoon(tick);
  yield* sleep(0);
  yield* measure("coroutine", value(1));
  yield* measure("sleep(0)", sleep(0));
  yield* measure("task", createTask(value(1)));
  yield* measure("task that gives way", createTask(slow(1)));
  yield* measure("task of a task", createTask(measure("inner", createTask(value(1)))));
  yield* measure("gather of one", gather(value(1)));
  yield* measure("gather of three", gather(value(1), slow(2), value(3)));
  yield* measure("gather of gather", gather(gather(value(1))));
  yield* measure("gather keeping errors", gather([value(1)], { returnExceptions: true }));
  yield* measure("wait", wait([createTask(value(1))]));
  yield* measure("wait_for coroutine", waitFor(value(1), 1000));
  yield* measure("wait_for task", waitFor(createTask(value(1)), 1000));
  yield* measure("shield", shield(value(1)));
  yield* measure("group of none", group(0));
  yield* measure("group of two", group(2));
  running = false;
});

await run(main());
