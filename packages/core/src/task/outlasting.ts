import { CancelledError } from "../errors.ts";
import { enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import type { Task } from "./task.ts";
import { SCOPE_CANCELLED } from "./task-state.ts";

/**
 * @internal Awaits `next()` as long as it gives something to wait for, and does not let cancellations end that: each is
 * given to `cancelled`, and put off. A cancelled scope around `task` strikes once at most.
 */
export function* outlasting(
  task: Task<any>,
  next: () => unknown,
  cancelled: (error: CancelledError) => void,
): Generator<undefined, void, any> {
  let scoped = 0;
  try {
    for (let wait = next(); wait !== null; wait = next()) {
      try {
        if (enter(wait) === SUSPEND) yield;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancelled(error);
        scoped |= task.state & SCOPE_CANCELLED;
        task.state &= ~SCOPE_CANCELLED;
      }
    }
  } finally {
    task.state |= scoped;
  }
}
