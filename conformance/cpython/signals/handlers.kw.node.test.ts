import { addSignalHandler, removeSignalHandler } from "@tsyncio/node";
import { constants } from "node:os";
import { Event, type EventLoop, RuntimeError, getRunningLoop, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { arrival } from "./arrival.ts";

const LOOP = "test_events.py::EventLoopTestsMixin";
const UNIX = "test_unix_events.py::SelectorEventLoopSignalTests";

/** More than any signal has. */
const BEYOND = 65;
const unknown = (signal: unknown) => signal as NodeJS.Signals;

test(`${LOOP}.test_add_signal_handler: what is no signal is refused, one that cannot be caught too; a handler is called until it is taken back`, () =>
  nodeProgram(async ({ log }) => {
    const before = process.listenerCount("SIGINT");
    const handler = () => log.push("caught");
    expect(() => addSignalHandler(unknown("boom"), handler)).toThrow(TypeError);
    expect(() => removeSignalHandler(unknown("boom"))).toThrow(TypeError);
    for (const number of [BEYOND, 0, -1]) {
      expect(() => addSignalHandler(number, handler)).toThrow(RangeError);
      expect(() => removeSignalHandler(number)).toThrow(RangeError);
    }
    expect(() => addSignalHandler("SIGKILL", handler)).toThrow(
      new RuntimeError("Cannot listen to SIGKILL: it cannot be caught"),
    );
    expect(removeSignalHandler("SIGKILL")).toBe(false);

    addSignalHandler("SIGINT", handler);
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    await arrival("SIGINT");
    expect(log).toEqual(["caught"]);
    expect(removeSignalHandler("SIGINT")).toBe(true);
    expect(process.listenerCount("SIGINT")).toBe(before);
    expect(removeSignalHandler("SIGINT")).toBe(false);
  }));

test(`${LOOP}.test_signal_handling_while_selecting: a signal wakes a loop that waits for a timer`, () =>
  nodeProgram(async ({ log, loop }) => {
    const limit = loop.callLater("1m", () => expect.unreachable());
    const woken = new Event();
    addSignalHandler("SIGALRM", () => {
      log.push("caught");
      woken.set();
    });
    const alarm = setTimeout(() => process.kill(process.pid, "SIGALRM"), 10);
    await woken.wait();
    limit.cancel();
    clearTimeout(alarm);
    expect(log).toEqual(["caught"]);
  }));

test(`${LOOP}.test_signal_handling_args: a handler is called with the arguments that were given with it`, () =>
  nodeProgram(async ({ log }) => {
    addSignalHandler("SIGALRM", (...args: unknown[]) => log.push(args), 42);
    await arrival("SIGALRM");
    expect(log).toEqual([[42]]);
  }));

test(`${UNIX}.test_check_signal: a signal is a name or a number that there is`, () =>
  nodeProgram(async () => {
    const handler = () => {};
    expect(() => addSignalHandler(unknown("1"), handler)).toThrow(
      new TypeError('Cannot add signal handler: expected the name of a signal such as "SIGTERM", received "1"'),
    );
    expect(() => addSignalHandler(BEYOND, handler)).toThrow(
      new RangeError("Cannot add signal handler: received 65, which no signal has as its number"),
    );
    addSignalHandler(constants.signals.SIGHUP, handler);
    expect(removeSignalHandler("SIGHUP")).toBe(true);
  }));

test(`${UNIX}.test_handle_signal_no_handler: a signal for which the loop has no handler does nothing to it`, () =>
  nodeProgram(async ({ log, loop }) => {
    addSignalHandler("SIGHUP", () => log.push("SIGHUP"));
    await arrival("SIGUSR2");
    expect([log, loop.handledSignals]).toEqual([[], new Set(["SIGHUP"])]);
  }));

test(`${UNIX}.test_handle_signal_cancelled_handler: a handler that is taken back while its signal is on its way is not called, and nothing listens for it any more`, () =>
  nodeProgram(async ({ log, loop }) => {
    const come = new Event();
    process.once("SIGUSR2", () => come.set());
    addSignalHandler("SIGUSR2", () => log.push("too late"));
    process.kill(process.pid, "SIGUSR2");
    removeSignalHandler("SIGUSR2");
    await come.wait();
    await sleep(0);
    expect([log, process.listenerCount("SIGUSR2"), loop.resources.size]).toEqual([[], 0, 0]);
  }));

test(`${UNIX}.test_add_signal_handler_coroutine_error: a coroutine function is refused, and so is a coroutine`, () =>
  nodeProgram(async () => {
    const simple = async () => {};
    const made = simple();
    for (const handler of [simple, made as never])
      expect(() => addSignalHandler("SIGINT", handler)).toThrow(
        new TypeError(
          "Cannot add signal handler: simple() is a coroutine, which a plain call never starts; pass spawning(fn)",
        ),
      );
    await made;
  }));

test(`${UNIX}.test_add_signal_handler: what is added is what is called, as a callback of its loop`, () =>
  nodeProgram(async ({ log, loop }) => {
    const handler = () => log.push(getRunningLoop() === loop);
    expect(addSignalHandler("SIGHUP", handler)).toBe(undefined);
    expect(loop.handledSignals).toEqual(new Set(["SIGHUP"]));
    await arrival("SIGHUP");
    await arrival("SIGHUP");
    expect(log).toEqual([true, true]);
  }));

test(`${UNIX}.test_remove_signal_handler: the last handler of a signal leaves nothing of it to the process`, () =>
  nodeProgram(async ({ loop }) => {
    addSignalHandler("SIGHUP", () => {});
    expect([process.listenerCount("SIGHUP"), loop.resources.size]).toEqual([1, 1]);
    expect(removeSignalHandler("SIGHUP")).toBe(true);
    expect([process.listenerCount("SIGHUP"), loop.resources.size, loop.handledSignals.size]).toEqual([0, 0, 0]);
  }));

test(`${UNIX}.test_remove_signal_handler_2: taking back the handler of one signal leaves that of another`, () =>
  nodeProgram(async ({ log }) => {
    const before = process.listenerCount("SIGINT");
    addSignalHandler("SIGINT", () => log.push("SIGINT"));
    addSignalHandler("SIGHUP", () => log.push("SIGHUP"));
    expect(removeSignalHandler("SIGINT")).toBe(true);
    expect([process.listenerCount("SIGINT"), process.listenerCount("SIGHUP")]).toEqual([before, 1]);
    await arrival("SIGHUP");
    expect(log).toEqual(["SIGHUP"]);
  }));

test(`${UNIX}.test_close: closing a loop takes back all its handlers, and those of no other loop`, async () => {
  const loops = [newEventLoop(), newEventLoop()];
  const adding = async (loop: EventLoop) => {
    addSignalHandler("SIGHUP", () => {});
    addSignalHandler("SIGCHLD", () => {});
    await sleep(0);
    expect([loop.handledSignals.size, loop.resources.size]).toEqual([2, 1]);
  };
  for (const loop of loops) await loop.runUntilComplete(adding(loop));
  const listeners = () => [process.listenerCount("SIGHUP"), process.listenerCount("SIGCHLD")];
  expect(listeners()).toEqual([2, 2]);
  loops[0].close();
  expect([listeners(), loops[0].handledSignals.size, loops[0].resources.size]).toEqual([[1, 1], 0, 0]);
  loops[1].close();
  expect(listeners()).toEqual([0, 0]);
});
