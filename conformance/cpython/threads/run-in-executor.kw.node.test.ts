import { ThreadPoolExecutor } from "@tsyncio/node";
import { type EventLoop, newEventLoop, sleep } from "tsyncio";
import { threadId } from "node:worker_threads";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";

test("test_events.py::EventLoopTestsMixin.test_run_in_executor: runInExecutor(null, …) runs a function with its arguments on another thread", () =>
  nodeProgram(async ({ loop }) => {
    const work = (text: string): [string, number] => [text, process.getBuiltinModule("node:worker_threads").threadId];
    const [text, thread] = await loop.runInExecutor(null, work, "yo");
    expect(text).toBe("yo");
    expect(thread).not.toBe(threadId);
  }));

const GATE = 1;

/** Says that it has begun, and ends when the gate is opened. */
function waitAtGate(shared: Int32Array): void {
  Atomics.store(shared, 0, 1);
  Atomics.wait(shared, 1, 0, 5000);
}

function open(shared: Int32Array): void {
  Atomics.store(shared, GATE, 1);
  Atomics.notify(shared, GATE);
}

/** What a closed loop is asked to call from now on. */
function askedOf(loop: EventLoop): unknown[] {
  const asked: unknown[] = [];
  const refuse = ((callback: unknown) => asked.push(callback)) as unknown as EventLoop["callSoon"];
  loop.callSoon = refuse;
  loop.callSoonThreadsafe = refuse;
  return asked;
}

async function begun(shared: Int32Array) {
  while (Atomics.load(shared, 0) === 0) await sleep(1);
}

test("test_events.py::EventLoopTestsMixin.test_run_in_executor_cancel: a job schedules nothing on its loop once that is closed, whether it was cancelled or still runs", async () => {
  "native async";
  const loop = newEventLoop();
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const job = loop.runInExecutor(null, waitAtGate, shared);
  await loop.runUntilComplete(begun(shared));
  job.cancel();
  open(shared);
  await loop.runUntilComplete(loop.shutdownDefaultExecutor());
  loop.close();
  const asked = askedOf(loop);

  const short = newEventLoop();
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const other = new Int32Array(new SharedArrayBuffer(8));
  const running = short.runInExecutor(pool, waitAtGate, other);
  await short.runUntilComplete(begun(other));
  short.close();
  const askedLater = askedOf(short);
  open(other);
  await pool.shutdown();
  expect([job.cancelled(), running.done()]).toEqual([true, false]);
  expect([asked, askedLater, loop.statistics().ready, short.statistics().ready]).toEqual([[], [], 0, 0]);
  expect(pool.statistics().completed).toBe(1);
});
