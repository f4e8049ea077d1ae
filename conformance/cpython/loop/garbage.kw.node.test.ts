import { KeyboardInterrupt, RuntimeError, type TimerHandle, createTask, newEventLoop, sleep } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { errorOf, program } from "../../program.ts";
import { collectGarbage } from "../../../test/collect-garbage.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { byHand, runOnce } from "./loop-by-hand.ts";

afterEach(() => void vi.restoreAllMocks());

/** Which of these are still held by somebody. */
async function held(refs: readonly WeakRef<object>[]): Promise<boolean[]> {
  await collectGarbage(() => refs.every((ref) => ref.deref() === undefined));
  return refs.map((ref) => ref.deref() !== undefined);
}

test("test_base_events.py::BaseEventLoopTests.test__run_once_cancelled_event_cleanup: cancelled timers are let go when they come first, and all of them when more than half of over a hundred are cancelled", () => {
  /** Its clock stands: no timer becomes due. */
  const host = new VirtualHost();
  host.setTimer = () => ({ cancel: () => {} });
  return byHand(
    async ({ loop }) => {
      const timers = (count: number, delay: number) =>
        Array.from({ length: count }, () => loop.callLater(delay, () => {}));
      const cancelled = (count: number, delay: number) =>
        timers(count, delay).map((timer) => {
          timer.cancel();
          return new WeakRef(timer);
        });
      const live: TimerHandle[] = timers(1, 3_000_000);
      const behind = cancelled(2, 3_600_000);
      const first = cancelled(2, 100_000);
      expect(loop.statistics().timers).toBe(1);
      await runOnce(loop);
      expect(await held([...first, ...behind])).toEqual([false, false, true, true]);

      live.push(...timers(49, 3_600_000));
      const more = cancelled(51, 3_600_000);
      expect(loop.statistics().timers).toBe(50);
      await runOnce(loop);
      expect((await held([...behind, ...more])).includes(true)).toBe(false);
      expect(loop.statistics().timers).toBe(50);
      for (const timer of live) timer.cancel();
    },
    () => newEventLoop({ host }),
  );
});

test("test_base_events.py::BaseEventLoopTests.test_asyncgen_finalization_by_gc: an async generator that is left half-way and held by nobody is closed by its loop once it is collected", () =>
  program(async ({ log }) => {
    async function* items() {
      log.push("started");
      try {
        yield* ["ZERO", "ONE", "TWO", "THREE", "FOUR"];
      } finally {
        log.push("finalized");
      }
    }
    const leaving = async () => {
      const left = items();
      const iterateOnce = async (): Promise<void> => {
        const { value } = await left.next();
        if (value === "THREE") log.push("stopped");
        else createTask(iterateOnce());
      };
      createTask(iterateOnce());
    };
    await leaving();
    await sleep(10);
    expect(log).toEqual(["started", "stopped"]);
    await collectGarbage(() => log.length > 2);
    await sleep(0);
    expect(log).toEqual(["started", "stopped", "finalized"]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_default_exc_handler_coro: an error of a task that nobody reads is printed by default when the task is collected", () =>
  byHand(async ({ loop }) => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {}).mock.calls;
    loop.setExceptionHandler(null);
    const failing = async () => {
      await sleep(10);
      throw new RangeError("boom");
    };
    (() => loop.createTask(failing()).addDoneCallback(() => loop.stop()))();
    await loop.runForever();
    expect(printed).toEqual([]);
    await collectGarbage(() => printed.length > 0);
    expect(printed).toEqual([["Task exception was never retrieved", new RangeError("boom")]]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_run_forever_keyboard_interrupt: a KeyboardInterrupt that runUntilComplete() has thrown is not reported a second time when its task is collected", () =>
  byHand(async ({ loop, heard }) => {
    const interrupted = async () => {
      throw new KeyboardInterrupt("by hand");
    };
    expect(await errorOf(loop.runUntilComplete(interrupted()))).toEqual(new KeyboardInterrupt("by hand"));
    await runOnce(loop);
    await collectGarbage(() => heard.length > 0);
    expect(heard).toEqual([]);
  }));

test("test_events.py::EventLoopTestsMixin.test_run_until_complete_nesting: a loop that runs cannot be run once more from within, and the coroutine that it refused is reported as never awaited", () =>
  byHand(async ({ loop, log }) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {}).mock.calls;
    const inner = async () => log.push("inner ran");
    const outer = async () => {
      log.push(loop.isRunning());
      await loop.runUntilComplete(inner());
    };
    expect(await errorOf(loop.runUntilComplete(outer()))).toEqual(
      new RuntimeError("Cannot run the event loop: it is running already"),
    );
    expect([log, loop.isRunning()]).toEqual([[true], false]);
    await collectGarbage(() => warned.length > 0);
    expect(warned).toEqual([
      ['tsyncio: coroutine "inner" was never awaited; write await inner(...) or createTask(inner(...))'],
    ]);
  }));
