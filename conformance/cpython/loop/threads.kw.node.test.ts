import { newEventLoop } from "tsyncio";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test("test_events.py::EventLoopTestsMixin.test_call_soon_threadsafe: callSoonThreadsafe() wakes a loop that waits, for what a thread has sent, and keeps the order of the calls", async () => {
  "native async";
  const loop = newEventLoop();
  const log: string[] = [];
  const callback = (text: string) => {
    log.push(text);
    if (log.length === 2) loop.stop();
  };
  const thread = new Worker("require('node:worker_threads').parentPort.postMessage('hello')", { eval: true });
  const ended = once(thread, "exit");
  thread.on("message", (text: string) => {
    loop.callSoonThreadsafe(callback, text);
    loop.callSoon(callback, "world");
  });
  await loop.runForever();
  expect(log).toEqual(["hello", "world"]);
  await ended;
  loop.close();
});
