import { CancelledError, RuntimeError } from "../errors.ts";
import { type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { getRunningLoop } from "../loop/running.ts";
import { currentTask } from "../task/create-task.ts";
import { Future } from "../task/future.ts";
import { outlasting } from "../task/outlasting.ts";
import { awaitingCoroutine } from "../task/awaiting.ts";
import type { Task, TaskOptions } from "../task/task.ts";
import { type Body, begun } from "./body.ts";
import { Ended } from "./ended.ts";

/**
 * What a task that `tg.start()` starts calls once it is ready.
 *
 * @throws {RuntimeError} when it was called before.
 */
export type Started<V = void> = (value: V) => void;

interface Group {
  spawn<T>(co: Coroutine<T>, options: TaskOptions | undefined, ready: Future<any>): Task<T>;
}

/** `tg.start()`: schedules the task and waits for it to be ready. */
export function* starting<V>(
  group: Group,
  fn: Body<Started<V>, unknown>,
  options: TaskOptions | undefined,
): Generator<undefined, V, any> {
  const ready = new Future<V>({ loop: getRunningLoop() });
  const started = (value: V): void => {
    if (!ready.done()) ready.setResult(value);
    // Nobody waits any more when start() was cancelled; the task will hear of it.
    else if (!ready.cancelled()) throw new RuntimeError("Cannot report started: started() has already been called");
  };
  const awaitable = begun(fn, started);
  const task = group.spawn(isCoroutine(awaitable) ? awaitable : awaitingCoroutine(awaitable), options, ready);
  try {
    const $ = enter(ready);
    return $ === SUSPEND ? yield : $;
  } catch (error) {
    if (error instanceof CancelledError && !task.done()) {
      task.cancel();
      yield* outlasting(
        currentTask() as Task<any>,
        () => (task.done() ? null : new Ended(task)),
        () => {},
      );
    }
    throw error;
  }
}
