import { type EventLoop, type ExceptionContext, coroutine, newEventLoop, sleep } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tracing } from "../../src/loop/creation-stack.ts";
import { ManualHost } from "./manual-host.ts";

let host: ManualHost;
let loop: EventLoop;
const warned: string[] = [];

beforeEach(() => {
  host = new ManualHost();
  loop = newEventLoop({ host });
  loop.setDebug(true);
  void loop.runForever();
  warned.length = 0;
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warned.push(text));
});
afterEach(() => {
  loop.setDebug(false);
  vi.restoreAllMocks();
});

describe("in debug mode", () => {
  test("a callback that takes 100 ms or more is named, with its time", () => {
    loop.callSoon(function slow() {
      host.time += 100;
    });
    loop.callSoon(function fast() {
      host.time += 99.9;
    });
    loop.callSoon(() => void (host.time += 250.4));
    host.settle();
    expect(warned).toEqual([
      "tsyncio: executing slow() took 100 ms; it blocks everything else meanwhile",
      "tsyncio: executing an anonymous callback took 250 ms; it blocks everything else meanwhile",
    ]);
  });

  test("a step of a task is named by the task", () => {
    const blocking = coroutine(function* blocking() {
      host.time += 300;
      yield* sleep(1);
    });
    loop.createTask(blocking(), { name: "B" });
    host.settle();
    expect(warned).toEqual([
      "tsyncio: executing <Task pending name='B' coro=blocking()> took 300 ms; it blocks everything else meanwhile",
    ]);
  });

  test("slowCallbackDuration says what is slow", () => {
    loop.slowCallbackDuration = 5;
    loop.callSoon(function slow() {
      host.time += 5;
    });
    host.settle();
    expect(warned.length).toBe(1);
    loop.setDebug(false);
    loop.callSoon(function slow() {
      host.time += 5;
    });
    host.settle();
    expect(warned.length).toBe(1);
  });

  test("a callback that fails is reported with where it was scheduled", () => {
    const heard: ExceptionContext[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(context));
    function scheduling(): void {
      loop.callSoon(() => {
        throw new Error("boom");
      });
    }
    scheduling();
    host.settle();
    expect(heard[0].sourceTraceback).toContain("scheduling");
    expect(heard[0].sourceTraceback).not.toContain("event-loop.ts");
    loop.setDebug(false);
    scheduling();
    host.settle();
    expect("sourceTraceback" in heard[1]).toBe(false);
  });

  test("a task that swallows its cancellation and ends is named", () => {
    const stubborn = coroutine(function* () {
      try {
        return yield* sleep(1000);
      } catch {
        return "went on";
      }
    });
    const polite = coroutine(function* () {
      try {
        return yield* sleep(1000);
      } catch {
        task.uncancel();
        return "took it back";
      }
    });
    const swallowing = loop.createTask(stubborn(), { name: "S" });
    const task = loop.createTask(polite(), { name: "P" });
    host.settle();
    swallowing.cancel();
    task.cancel();
    host.settle();
    expect([swallowing.result(), task.result()]).toEqual(["went on", "took it back"]);
    expect(warned).toEqual([
      "tsyncio: S swallowed a cancellation and went on to its end; throw CancelledError again, or call uncancel()",
    ]);
  });
});

test("debug mode is off unless it is asked for, and is told", () => {
  const other = newEventLoop({ host });
  expect([other.getDebug(), loop.getDebug()]).toEqual([false, true]);
  expect(String(loop)).toBe("<EventLoop running=true closed=false debug=true>");
  other.setDebug(1 as any);
  expect(other.getDebug()).toBe(true);
  other.setDebug(false);
});

test("coroutines note where they are made as long as some open loop is in debug mode", () => {
  const other = newEventLoop({ host });
  expect(tracing.on).toBe(true);
  other.setDebug(true);
  other.setDebug(true);
  other.setDebug(false);
  expect(tracing.on).toBe(true);
  other.setDebug(true);
  loop.setDebug(false);
  expect(tracing.on).toBe(true);
  other.close();
  other.close();
  expect(tracing.on).toBe(false);
  other.setDebug(false);
  loop.setDebug(true);
  expect(tracing.on).toBe(true);
});
