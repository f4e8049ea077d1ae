import {
  ContextVar,
  type EventLoop,
  type ExceptionContext,
  Future,
  Handle,
  copyContext,
  coroutine,
  getRunningLoop,
  newEventLoop,
} from "tsyncio";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ManualHost } from "./manual-host.ts";

let host: ManualHost;
let loop: EventLoop;
const printed: unknown[][] = [];
const boom = new Error("boom");

beforeEach(() => {
  host = new ManualHost();
  loop = newEventLoop({ host });
  void loop.runForever();
  printed.length = 0;
  vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void printed.push(line));
});
afterEach(() => void vi.restoreAllMocks());

function failing(): never {
  throw boom;
}

describe("an error of a callback", () => {
  test("goes to the exception handler with the handle, and the iteration goes on", () => {
    const heard: [EventLoop, ExceptionContext][] = [];
    loop.setExceptionHandler((...args) => void heard.push(args));
    const handle = loop.callSoon(failing);
    const log: string[] = [];
    loop.callSoon(() => void log.push("next"));
    host.settle();
    expect(heard).toEqual([[loop, { message: "Exception in callback failing()", exception: boom, handle }]]);
    expect([log, loop.isRunning(), printed]).toEqual([["next"], true, []]);
  });

  test("of a timer and of a done callback too", () => {
    const heard: ExceptionContext[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(context));
    loop.callLater(0, failing);
    const future = loop.createFuture<number>();
    const log: string[] = [];
    future.addDoneCallback(failing);
    future.addDoneCallback(() => void log.push("next"));
    future.setResult(1);
    host.settle();
    expect(heard.map(({ message, exception }) => [message, exception])).toEqual([
      ["Exception in callback failing()", boom],
      ["Exception in callback failing()", boom],
    ]);
    expect(log).toEqual(["next"]);
  });

  test("is printed by default", () => {
    loop.callSoon(failing);
    host.settle();
    expect(printed.length).toBe(1);
    expect(printed[0][0]).toMatch(/^Exception in callback failing\(\)\nhandle: /);
    expect(printed[0][1]).toBe(boom);
  });

  test("need not be an Error", () => {
    const heard: unknown[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(context.exception));
    for (const thrown of [undefined, null, "text"])
      loop.callSoon(() => {
        throw thrown;
      });
    host.settle();
    expect(heard).toEqual([undefined, null, "text"]);
  });
});

describe("the exception handler", () => {
  test("is a function or null", () => {
    const handler = (): void => {};
    expect(loop.getExceptionHandler()).toBe(null);
    loop.setExceptionHandler(handler);
    expect(loop.getExceptionHandler()).toBe(handler);
    loop.setExceptionHandler(null);
    expect(loop.getExceptionHandler()).toBe(null);
    expect(() => loop.setExceptionHandler("log" as any)).toThrow(
      "Cannot set exception handler: expected a function or null, received log",
    );
    expect(() => loop.setExceptionHandler(undefined as any)).toThrow(TypeError);
  });

  test("prints, by default, the message, the other keys in order, and the exception", () => {
    loop.callExceptionHandler({ message: "happened", task: "t", exception: boom, asyncgen: "a" });
    loop.callExceptionHandler({ message: "without exception", sourceTraceback: "at here" });
    expect(printed).toEqual([["happened\nasyncgen: a\ntask: t", boom], ["without exception\nmade at:\nat here"]]);
  });

  test("that fails itself is reported by the default one, with what it was told", () => {
    loop.setExceptionHandler(() => {
      throw new RangeError("of the handler");
    });
    loop.callExceptionHandler({ message: "first", exception: boom });
    expect(printed.length).toBe(1);
    expect(printed[0][0]).toMatch(/^Unhandled error in exception handler\ncontext: /);
    expect((printed[0][1] as Error).message).toBe("of the handler");
  });

  test("survives a console that fails", () => {
    const lines: unknown[][] = [];
    vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => {
      lines.push(line);
      if (lines.length === 1) throw new Error("of the console");
    });
    loop.callExceptionHandler({ message: "happened", exception: boom });
    expect(lines[1]).toEqual(["Exception in default exception handler", new Error("of the console")]);
    lines.length = 0;
    loop.setExceptionHandler(failing);
    loop.callExceptionHandler({ message: "happened" });
    expect(lines[1][0]).toBe(
      "Exception in default exception handler while handling an unexpected error in custom exception handler",
    );
  });

  test("runs in the context of the handle, the future or the task that failed", () => {
    const name = new ContextVar<string>("name", { default: "none" });
    const heard: string[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(`${context.message.split(" ")[0]} in ${name.get()}`));
    const inside = copyContext();
    inside.run(() => name.set("handle"));
    loop.callSoonIn(inside, failing);
    const spoken = coroutine(function* () {
      name.set("task");
      const task = getRunningLoop().createTask(sub());
      yield* task;
    });
    const sub = coroutine(function* () {
      name.set("inner task");
      throw boom;
    });
    const task = loop.createTask(spoken());
    host.settle();
    loop.callExceptionHandler({ message: "Task", task, exception: task.exception() });
    loop.callExceptionHandler({ message: "Nothing" });
    expect(heard).toEqual(["Exception in handle", "Task in task", "Nothing in none"]);
  });

  test("of one loop hears nothing of another", () => {
    const other = newEventLoop({ host });
    const heard: string[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(context.message));
    other.callExceptionHandler({ message: "other" });
    expect(heard).toEqual([]);
    expect(printed).toEqual([["other"]]);
  });
});

test("a handle knows its context; without variables there is none", () => {
  expect(loop.callSoon(() => {}).getContext()).toBe(undefined);
  const context = copyContext();
  const handle = loop.callSoonIn(context, () => {});
  expect(handle).toBeInstanceOf(Handle);
  expect(handle.getContext()).toBe(context);
  expect(new Future({ loop }).getLoop()).toBe(loop);
});
