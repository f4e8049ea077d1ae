// A Runner runs several mains on one loop and in one context; tasks left over live until it is closed.
import { CancelledError, ContextVar, type Coroutine, type EventLoop, Runner, RuntimeError, type Task, coroutine, createTask, getRunningLoop, sleep } from "tsyncio";

const variable = new ContextVar<string>("var");

const background = coroutine(function* background() {
  try {
    while (true) {
      ticks.push(1);
      yield* sleep(0);
    }
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log("background cancelled");
    throw e;
  }
});

const first = coroutine(function* first() {
  console.log("first sees", variable.get("unset"));
  variable.set("set by first");
  tasks.push(createTask(background()));
  yield* sleep(0);
  return getRunningLoop();
});

const second = coroutine(function* second(loop: EventLoop) {
  console.log("second sees", variable.get("unset"));
  console.log("same loop", Number(getRunningLoop() === loop), "background done", Number(tasks[0].done()));
  const before = ticks.length;
  yield* sleep(0);
  yield* sleep(0);
  console.log("background went on", Number(ticks.length > before));
  throw new ValueError("second failed");
});

const third = coroutine(function* third() {
  console.log("third still runs", variable.get("unset"));
});

class ValueError extends Error {}

const ticks: number[] = [];
const tasks: Task<void>[] = [];
variable.set("from outside");
const runner = new Runner();
const loop = await runner.run(first());
console.log("loop", Number(runner.getLoop() === loop), Number(loop.isClosed()));
console.log("outside", variable.get("unset"));
try {
  await runner.run(second(loop));
} catch (e) {
  if (!(e instanceof ValueError)) throw e;
  console.log(e.message);
}
await runner.run(third());
await runner.close();
console.log("loop closed", Number(loop.isClosed()), "task cancelled", Number(tasks[0].cancelled()));
await runner.close();
const co = third();
try {
  await runner.run(co);
} catch (e) {
  if (!(e instanceof RuntimeError)) throw e;
  console.log("runner is closed");
  (co as unknown as Coroutine<void>).close();
}
