import { copyContext, getRunningLoop, isCoroutine, isCoroutineFunction } from "tsyncio";
import { LoopSignals } from "./loop-signals.ts";
import { signalName } from "./signal-name.ts";

/**
 * Calls `handler(...args)` at each arrival of a signal, as a callback of the running loop and in a copy of the current context.
 * A signal has one handler on a loop: another one takes its place. It stays until `removeSignalHandler` or until the loop is
 * closed, which `run` does at its end.
 *
 * A signal that has a handler has no other effect: `run` does not cancel the main task for SIGINT and SIGTERM then. As long
 * as there is one, a loop that waits holds the process.
 *
 * @throws {TypeError} for a coroutine function, which a plain call never starts, and for what is no signal.
 * @throws {RangeError} for a number that no signal has.
 * @throws {RuntimeError} for a signal that cannot be caught (SIGKILL, SIGSTOP), on another thread than the main one, and
 *   without a running loop.
 * @example
 * ```ts
 * import { addSignalHandler } from "@tsyncio/node";
 * import { Event, run } from "tsyncio";
 * async function main() {
 *   const stop = new Event();
 *   addSignalHandler("SIGUSR2", () => stop.set());
 *   process.kill(process.pid, "SIGUSR2");
 *   await stop.wait();
 *   console.log("told to stop");
 * }
 * await run(main()); // → told to stop
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#unix-signals
 */
export function addSignalHandler<A extends unknown[]>(
  signal: NodeJS.Signals | number,
  handler: (...args: A) => unknown,
  ...args: A
): void {
  checkHandler(handler);
  const name = signalName(signal, "add signal handler");
  const loop = getRunningLoop();
  const context = copyContext();
  const signals = LoopSignals.of(loop);
  const listener = (): void => void loop.callSoonIn(context, handler, ...args);
  signals.listen(name, listener);
  const before = signals.handlers.get(name);
  if (before !== undefined) signals.unlisten(name, before);
  signals.handlers.set(name, listener);
}

/**
 * Takes the handler of a signal back. The signal has its default effect again: SIGINT and SIGTERM cancel the main task of `run`.
 * What has come before is still handled.
 *
 * @returns false when it had none on the running loop.
 * @throws {TypeError} for what is no signal.
 * @throws {RangeError} for a number that no signal has.
 */
export function removeSignalHandler(signal: NodeJS.Signals | number): boolean {
  const name = signalName(signal, "remove signal handler");
  const signals = LoopSignals.of(getRunningLoop());
  const handler = signals.handlers.get(name);
  if (handler === undefined) return false;
  signals.handlers.delete(name);
  signals.unlisten(name, handler);
  return true;
}

function checkHandler(handler: unknown): void {
  if (isCoroutineFunction(handler) || isCoroutine(handler))
    throw new TypeError(
      `Cannot add signal handler: ${handler.name || "it"}() is a coroutine, which a plain call never starts; pass spawning(fn)`,
    );
  if (typeof handler !== "function")
    throw new TypeError(`Cannot add signal handler: expected a function, received ${String(handler)}`);
}
