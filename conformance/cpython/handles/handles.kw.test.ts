import { Handle, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program, takeHeard } from "../../program.ts";

test("test_events.py::HandleTests.test_handle: a handle calls its callback with the arguments, once, unless it is cancelled before", () =>
  program(async ({ loop, log }) => {
    const callback = (...args: unknown[]) => log.push(args);
    const handles = [loop.callSoon(callback), loop.callSoon(callback, 1, "two")];
    expect(handles.every((handle) => handle instanceof Handle)).toBe(true);
    expect(handles.map((handle) => handle.cancelled())).toEqual([false, false]);
    for (let i = 0; i < 2; i++) {
      handles[0].cancel();
      expect(handles[0].cancelled()).toBe(true);
    }
    await sleep(0);
    expect(log).toEqual([[1, "two"]]);
    handles[1].cancel();
    await sleep(0);
    expect(log).toEqual([[1, "two"]]);
  }));

test("test_events.py::HandleTests.test_callback_with_exception: the error of a callback goes to the exception handler with the handle, and nowhere else", () =>
  program(async (given) => {
    const error = new RangeError("boom");
    const handle = given.loop.callSoon(function failing() {
      throw error;
    });
    await sleep(0);
    expect(given.heard).toEqual([{ message: "Exception in callback failing()", exception: error, handle }]);
    expect(given.heard[0].exception).toBe(error);
    expect(takeHeard(given)).toEqual(["Exception in callback failing(): RangeError: boom"]);
  }));

test("test_events.py::TimerTests.test_when: a timer knows its deadline on the loop's clock, before and after it, and though it is cancelled", () =>
  program(async ({ loop }) => {
    const when = loop.time() + 5;
    const [at, later] = [loop.callAt(when, () => {}), loop.callLater("5ms", () => {})];
    const cancelled = loop.callAt(when, () => {});
    cancelled.cancel();
    expect([at, later, cancelled].map((timer) => timer.when())).toEqual([when, when, when]);
    await sleep(10);
    expect(at.when()).toBe(when);
  }));

test("test_events.py::TimerTests.test_timer_comparison: timers run by their deadlines, and in the order of the calls where those are equal; two timers are never the same", () =>
  program(async ({ loop, log }) => {
    const when = loop.time() + 5;
    const note = (name: string) => log.push(name);
    const second = loop.callAt(when + 10, note, "10 ms later");
    const timers = ["a", "b", "c"].map((name) => loop.callAt(when, note, name));
    const [first, equal] = timers;
    expect([first.when() === equal.when(), first.when() < second.when(), first === equal]).toEqual([true, true, false]);
    timers[1].cancel();
    await sleep(20);
    expect(log).toEqual(["a", "c", "10 ms later"]);
    expect(timers.map((timer) => timer.cancelled())).toEqual([false, true, false]);
  }));

test("test_events.py::HandleTests.test_handle_source_traceback: in debug mode the report of a failed callback says where it was scheduled, by whichever method", () =>
  program(
    async (given) => {
      const { loop, heard } = given;
      const failing = () => {
        throw new Error("boom");
      };
      function bySoon() {
        return loop.callSoon(failing);
      }
      function bySoonThreadsafe() {
        return loop.callSoonThreadsafe(failing);
      }
      function byLater() {
        return loop.callLater(0, failing);
      }
      function byAt() {
        return loop.callAt(loop.time(), failing);
      }
      const ways = [bySoon, bySoonThreadsafe, byLater, byAt];
      const handles = ways.map((way) => way());
      await sleep(5);
      expect(heard.map(({ handle }) => handle)).toEqual(handles);
      heard.forEach(({ sourceTraceback }, i) => {
        const [innermost] = sourceTraceback!.split("\n");
        expect(innermost).toMatch(new RegExp(`\\b${ways[i].name}\\b.*handles\\.kw\\.test\\.ts(?:\\?\\S*)?:\\d+:\\d+`));
      });
      expect(takeHeard(given)).toEqual(ways.map(() => "Exception in callback failing(): Error: boom"));
    },
    { debug: true },
  ));
