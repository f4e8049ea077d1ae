import { type Handle, type Host, type HostTimer, getRunningLoop, newEventLoop } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { byHand, runOnce } from "./loop-by-hand.ts";

test("test_base_events.py::BaseEventLoopTests.test_run_once: a callback that stops the loop ends it after the iteration, in which all that was ready runs", () =>
  byHand(async ({ loop, log }) => {
    loop.callSoon(() => {
      log.push("called");
      loop.callSoon(() => log.push("in the next iteration"));
    });
    loop.callSoon(() => loop.stop());
    loop.callSoon(() => log.push("behind the stop"));
    await loop.runForever();
    expect(log).toEqual(["called", "behind the stop"]);
    await runOnce(loop);
    expect(log).toEqual(["called", "behind the stop", "in the next iteration"]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_forever_pre_stopped: a loop that was stopped before it runs runs one iteration and waits for nothing", () =>
  byHand(async ({ loop, log }) => {
    const timer = loop.callLater(1000, () => log.push("later"));
    await runOnce(loop);
    expect([loop.time(), loop.isRunning(), log]).toEqual([0, false, []]);
    loop.callSoon(() => log.push("ready"));
    await runOnce(loop);
    expect([loop.time(), log]).toEqual([0, ["ready"]]);
    timer.cancel();
  }));

test("test_base_events.py::BaseEventLoopTests.test__add_callback_handle: callSoon() puts a callback among the ready ones, not among the timers", () =>
  byHand(async ({ loop, log }) => {
    loop.callSoon(() => log.push("called"));
    expect(loop.statistics()).toMatchObject({ ready: 1, timers: 0 });
    expect(log).toEqual([]);
    await runOnce(loop);
    expect(log).toEqual(["called"]);
  }));

test("test_base_events.py::BaseEventLoopTests.test__add_callback_cancelled_handle: a cancelled callback is neither called nor, when its time comes, made ready", () =>
  byHand(async ({ loop, log }) => {
    loop.callSoon(() => log.push("soon")).cancel();
    loop.callAt(loop.time() - 1, () => log.push("due")).cancel();
    expect(loop.statistics().timers).toBe(0);
    loop.callAt(loop.time() - 2, () => log.push(loop.statistics().ready));
    await runOnce(loop);
    expect(log).toEqual([0]);
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });
  }));

test("test_base_events.py::BaseEventLoopTests.test__run_once_schedule_handle: what a due timer schedules runs in the iteration after its own", () =>
  byHand(async ({ loop, log }) => {
    loop.callAt(loop.time() - 1, () => {
      log.push("timer");
      loop.callSoon(() => log.push("scheduled"));
    });
    await runOnce(loop);
    expect(log).toEqual(["timer"]);
    expect(loop.statistics()).toMatchObject({ ready: 1, timers: 0 });
    await runOnce(loop);
    expect(log).toEqual(["timer", "scheduled"]);
  }));

/** Notes when it is asked to ring. */
class NotingHost extends VirtualHost {
  readonly rings: number[] = [];

  override setTimer(at: number, fn: () => void): HostTimer {
    this.rings.push(at);
    return super.setTimer(at, fn);
  }
}

test("test_base_events.py::BaseEventLoopTests.test__run_once: the loop sleeps to the first timer that is not cancelled", () => {
  const host = new NotingHost();
  return byHand(
    async ({ loop, log }) => {
      loop.callLater(5_000, () => log.push("cancelled")).cancel();
      loop.callLater(10_000, () => {
        log.push(loop.time());
        loop.stop();
      });
      await loop.runForever();
      expect(log).toEqual([10_000]);
      expect(host.rings).toEqual([10_000]);
    },
    () => newEventLoop({ host }),
  );
});

/** Looks before each turn whether something has come, as platforms do. */
class PollingHost extends VirtualHost {
  poll: () => void = () => {};

  override schedule(turn: () => void): void {
    super.schedule(() => {
      this.poll();
      turn();
    });
  }
}

test("test_base_events.py::BaseEventLoopTests.test_single_selecter_event_callback_after_stopping: an event of the host that comes while the loop stops is handled once, and not again when the loop goes on", () => {
  const host = new PollingHost();
  return byHand(
    async ({ loop, log }) => {
      let handling: Handle | undefined;
      host.poll = () => {
        handling = loop.callSoonThreadsafe(() => {
          log.push("handled");
          loop.callSoon(() => {
            handling?.cancel();
            host.poll = () => {};
          });
        });
      };
      for (const round of [1, 2]) {
        loop.callSoon(() => loop.stop());
        await loop.runForever();
        log.push(`round ${round}`);
      }
      expect(log).toEqual(["handled", "round 1", "round 2"]);
    },
    () => newEventLoop({ host }),
  );
});

/** Gives its turns when it is told to. */
class PumpedHost implements Host {
  readonly #turns: (() => void)[] = [];

  now(): number {
    return 0;
  }

  schedule(turn: () => void): void {
    this.#turns.push(turn);
  }

  setTimer(): HostTimer {
    return { cancel: () => {} };
  }

  hold(): () => void {
    return () => {};
  }

  pump(): void {
    this.#turns.shift()?.();
  }
}

test("test_base_events.py::BaseEventLoopTests.test_custom_run_forever_integration: a program with a main loop of its own, as host, gives the event loop its turns", () => {
  const host = new PumpedHost();
  const loop = newEventLoop({ host });
  const log: unknown[] = [];
  loop.callSoon(() => log.push(getRunningLoop() === loop));
  void loop.runForever();
  expect([loop.isRunning(), log]).toEqual([true, []]);
  for (let i = 0; i < 10; i++) host.pump();
  expect([loop.isRunning(), log]).toEqual([true, [true]]);
  expect(() => getRunningLoop()).toThrow("there is no current event loop");
  loop.stop();
  host.pump();
  expect([loop.isRunning(), log]).toEqual([false, [true]]);
  loop.close();
});
