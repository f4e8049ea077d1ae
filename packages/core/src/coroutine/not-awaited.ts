import type { Waitable } from "./protocol.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { forgetUnwound } from "./unwound.ts";

/** A future, or a wait of the library. */
interface Begun extends Waitable {
  unlisten?(unwanted: (listener: unknown) => boolean): number;
  task: unknown;
}

/**
 * Somebody iterates over what must be awaited, as in `const [a, b] = fetchBoth()`: it is asked for more before the task
 * has waited. The wait is taken back, coroutines that have begun are dropped.
 */
export function notAwaited(x: unknown): never {
  const error = new RuntimeError(`Cannot iterate over ${String(x)}: it must be awaited`);
  const { task } = exec;
  const waiting = task?.waitingOn as Begun | undefined;
  if (task !== null) task.waitingOn = undefined;
  exec.restart = false;
  for (let frame = exec.innermost; frame !== null; frame = frame.caller) frame.drop();
  forgetUnwound();
  if (waiting?.unlisten !== undefined) waiting.unlisten((listener) => listener === task);
  else if (waiting !== undefined) {
    // It wakes nobody any more.
    waiting.task = { loop: task?.loop, wakeCancelled() {}, keepCancelled() {} };
    waiting.abandon(undefined);
    waiting.interrupted();
  }
  throw error;
}
