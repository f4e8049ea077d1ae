import { Future, KeyboardInterrupt, RuntimeError, getRunningLoop, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf, program } from "../../program.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { byHand } from "./loop-by-hand.ts";

test("test_events.py::EventLoopTestsMixin.test_run_until_complete: runUntilComplete() gives the result when its time has come, and the loop stands still afterwards", () =>
  byHand(async ({ loop }) => {
    expect(await loop.runUntilComplete(sleep(100, "rested"))).toBe("rested");
    expect([loop.time(), loop.isRunning()]).toEqual([100, false]);
    expect(await errorOf(loop.runUntilComplete(failing()))).toEqual(new RangeError("boom"));
  }));

async function failing() {
  await sleep(1);
  throw new RangeError("boom");
}

test("test_events.py::EventLoopTestsMixin.test_run_until_complete_stopped: runUntilComplete() throws when the loop is stopped before the end, and the task goes on when the loop runs again", () =>
  byHand(async ({ loop, log }) => {
    const stopping = async () => {
      loop.stop();
      await sleep(100);
      return "done";
    };
    const task = loop.createTask(stopping());
    expect(await errorOf(loop.runUntilComplete(task))).toEqual(
      new RuntimeError("Cannot give the result: the event loop was stopped before the future was done"),
    );
    log.push(task.done(), loop.time());
    expect(await loop.runUntilComplete(task)).toBe("done");
    expect(log).toEqual([false, 0]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_until_complete_type_error: runUntilComplete() wants something to await", () =>
  byHand(async ({ loop }) => {
    expect(await errorOf(loop.runUntilComplete("blah" as never))).toEqual(
      new TypeError("Cannot await blah: expected a coroutine, a future or a promise"),
    );
    expect(loop.isRunning()).toBe(false);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_until_complete_loop: runUntilComplete() refuses a future of another loop", () =>
  byHand(async ({ loop }) => {
    const foreign = new Future();
    expect(foreign.getLoop()).not.toBe(loop);
    expect(await errorOf(loop.runUntilComplete(foreign))).toEqual(
      new RangeError("Cannot use the future on this loop: it belongs to a different one"),
    );
    expect(foreign.done()).toBe(false);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_until_complete_loop_orphan_future_close_loop: a run that an interrupt has ended does not stop the next one when its own task comes to its end", () =>
  byHand(async ({ loop, log }) => {
    const waiting = async (delay: number) => {
      await sleep(delay);
      log.push([delay, loop.time()]);
    };
    loop.callSoon(() => {
      throw new KeyboardInterrupt("show is over");
    });
    expect(await errorOf(loop.runUntilComplete(waiting(100)))).toEqual(new KeyboardInterrupt("show is over"));
    await loop.runUntilComplete(waiting(200));
    expect(log).toEqual([
      [100, 100],
      [200, 200],
    ]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_until_complete_baseexception: a KeyboardInterrupt that a coroutine throws ends its run, and leaves no stop() behind for the next one", () =>
  byHand(async ({ loop, log }) => {
    const interrupted = async () => {
      throw new KeyboardInterrupt("by hand");
    };
    expect(await errorOf(loop.runUntilComplete(interrupted()))).toEqual(new KeyboardInterrupt("by hand"));
    loop.callSoon(() =>
      loop.callSoon(() => {
        log.push("called");
        loop.stop();
      }),
    );
    await loop.runForever();
    expect(log).toEqual(["called"]);
  }));

test("test_base_events.py::RunningLoopTests.test_running_loop_within_a_loop: a loop may run while another one awaits its end, and each callback finds the loop that called it", () =>
  program(async ({ loop: outer, log }) => {
    const inner = newEventLoop({ host: new VirtualHost() });
    inner.callSoon(() => log.push(getRunningLoop() === inner));
    outer.callLater(1, () => {
      log.push(getRunningLoop() === outer, inner.isRunning());
      inner.stop();
    });
    await inner.runForever();
    log.push(getRunningLoop() === outer, inner.isRunning());
    inner.close();
    expect(log).toEqual([true, true, true, true, false]);
  }));

test("test_events.py::EventLoopTestsMixin.test_call_soon: callSoon() calls in the next iteration, with the arguments", () =>
  byHand(async ({ loop, log }) => {
    const callback = (...args: string[]) => {
      log.push(args);
      loop.stop();
    };
    loop.callSoon(callback, "hello", "world");
    expect(log).toEqual([]);
    await loop.runForever();
    expect(log).toEqual([["hello", "world"]]);
  }));

test("test_events.py::EventLoopTestsMixin.test_call_soon_threadsafe_same_thread: callSoonThreadsafe() keeps its turn among the calls of callSoon()", () =>
  byHand(async ({ loop, log }) => {
    const callback = (arg: string) => {
      log.push(arg);
      if (log.length >= 2) loop.stop();
    };
    loop.callSoonThreadsafe(callback, "hello");
    loop.callSoon(callback, "world");
    await loop.runForever();
    expect(log).toEqual(["hello", "world"]);
  }));
