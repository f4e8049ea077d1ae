import type { Waitable } from "../coroutine/protocol.ts";
import type { Driver } from "./driver.ts";
import { closeGenerator } from "../coroutine/resume-frame.ts";
import type { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { FINALLY, NOTHING } from "../coroutine/protocol.ts";
import { CancelledError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { CANCELLED, DONE, FAILED, Future, OUTCOME, makeCancelled } from "./future.ts";
import {
  INTERRUPTED,
  MUST_CANCEL,
  REQUESTS_SHIFT,
  SCOPE_CANCELLED,
  type TaskDetail,
  WAIT_CANCELLED,
} from "./task-state.ts";

/** What a frame gives that was closed by a cancellation, unless its `finally` has something else to give. */
export const DROPPED: unique symbol = Symbol("dropped");
/** The cancellations of frames that are being closed and wait in their `finally`. */
const unfinished = new WeakMap<GeneratorCoroutine<any>, unknown>();

/** The step of a task that was cancelled while it waited, or before its step. */
export function interrupt(task: Driver<any>, waitingOn: Waitable | undefined): void {
  exec.task = task.self;
  exec.context = task.context;
  if (waitingOn !== undefined && (task.state & WAIT_CANCELLED) === 0) {
    // cancel() came between the wake-up and this step.
    if (waitingOn instanceof Future) {
      waitingOn.markRead();
      const outcome = waitingOn.state & OUTCOME;
      // The future of a gather fails with the CancelledError.
      if (outcome === CANCELLED || (outcome === FAILED && waitingOn.value instanceof CancelledError)) {
        task.state &= ~INTERRUPTED;
        task.waitingOn = undefined;
        return deliver(task, outcome === CANCELLED ? waitingOn.cancellation() : waitingOn.failure());
      }
    }
    if ((waitingOn as { keepsOutcome?: boolean }).keepsOutcome === true) {
      // Nobody else holds the outcome: it is given, and the cancellation strikes at the next wait.
      task.waitingOn = undefined;
      let value: unknown;
      try {
        value = waitingOn.resume();
      } catch (error) {
        return task.run(error, true);
      }
      return task.run(value, false);
    }
  }
  task.state &= ~INTERRUPTED;
  task.waitingOn = undefined;
  const { info } = task;
  let message: unknown;
  if (typeof info !== "number") {
    message = info.cancelMessage;
    info.cancelMessage = undefined;
  }
  waitingOn?.interrupted();
  deliver(
    task,
    message === undefined && !task.loop.getDebug() ? undefined : makeCancelled(message, task.loop.getDebug()),
  );
}

/**
 * A cancellation goes through the frames, innermost first. A throw is what costs most of it: a frame that cannot
 * see it is dropped, one that only has `finally` is closed with return(). The error is made when somebody is to see it.
 */
export function deliver(task: Driver<any>, error: unknown): void {
  for (;;) {
    const frame = task.frame as GeneratorCoroutine<any>;
    const { cleanup } = frame;
    if (cleanup === FINALLY) {
      let step: IteratorResult<unknown>;
      exec.task = task.self;
      exec.context = task.context;
      try {
        step = closeGenerator(frame, DROPPED);
      } catch (thrown) {
        frame.drop();
        if (!task.pop()) return task.fail(thrown);
        return task.run(thrown, true);
      }
      if (!step.done) unfinished.set(frame, error);
      if (!step.done || step.value !== DROPPED) return task.run(step, false, true);
    } else if (cleanup !== NOTHING) {
      return task.run(error ?? makeCancelled(undefined), true);
    }
    frame.drop();
    if (!task.pop()) return task.finish(CANCELLED, error);
  }
}

/** A frame that was being closed has ended, by what it was closed with: the cancellation goes on outwards. */
export function dropped(task: Driver<any>, frame: GeneratorCoroutine<any>): void {
  const error = unfinished.get(frame);
  if (!task.pop()) return task.finish(CANCELLED, error);
  deliver(task, error);
}

/** What it has begun to wait for is given up at once. */
export function cancelAtPark(task: Driver<any>, waitable: Waitable | undefined): void {
  const { info } = task;
  const message = typeof info === "number" ? undefined : info.cancelMessage;
  if (waitable !== undefined && waitable.abandon(message)) task.state &= ~MUST_CANCEL;
  else if ((task.state & SCOPE_CANCELLED) !== 0) task.state |= MUST_CANCEL;
}

/** The end of a task with something left in its state: mostly requests to cancel it. */
export function finishCancelled(task: Driver<any>, outcome: number, value: unknown): void {
  if (outcome === DONE && (task.state & MUST_CANCEL) !== 0) {
    outcome = CANCELLED;
    // As a future that is cancelled: there was no error yet that others have seen.
    value = (task.info as TaskDetail).cancelMessage;
  }
  task.state &= ~INTERRUPTED;
  if (outcome === DONE && task.state >> REQUESTS_SHIFT > 0 && task.loop.getDebug()) {
    console.warn(
      `tsyncio: ${task.self.getName()} swallowed a cancellation and went on to its end; throw CancelledError again, or call uncancel()`,
    );
  }
  task.conclude(outcome, value);
}
