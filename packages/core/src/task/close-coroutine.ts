import type { Waitable } from "../coroutine/protocol.ts";
import type { Task } from "./task.ts";
import { RuntimeError } from "../errors.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, alreadyAwaited, generatorThrow } from "../coroutine/generator-coroutine.ts";
import { PLACE_SHIFT, closeGenerator, throwIntoReentered } from "../coroutine/resume-frame.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { forgetUnwound } from "../coroutine/unwound.ts";
import { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { Future } from "./future.ts";
import { drivenBy } from "./hand-driven.ts";

type Failure = { readonly error: unknown } | null;

/**
 * @internal Ends a suspended coroutine: those that it awaits are closed first, the innermost first. Who awaits it gets a
 * RuntimeError when he goes on.
 */
export function closeCoroutine(co: GeneratorCoroutine<unknown>): void {
  const driver = drivenBy(co);
  const owner = driver ?? taskOf(co);
  if (owner === null) throw new RuntimeError(`Cannot close coroutine "${co.name}": it is being driven by hand`);
  const { task, context, depth } = exec;
  if (driver === null) giveUp(owner);
  else driver.giveUp();
  exec.task = owner;
  exec.context = owner.context;
  try {
    const failure = closeFrames(owner, co);
    if (failure !== null) throw failure.error;
  } finally {
    exec.task = task;
    exec.context = context;
    exec.depth = depth;
    if (driver === null) owner.frame = closedFrame(co);
    else driver.end();
  }
}

function taskOf(co: Coroutine<unknown>): Task | null {
  const loops = new Set<EventLoop>(EventLoop.active);
  if (exec.loop !== null) loops.add(exec.loop);
  for (const loop of loops) for (const task of loop.tasks) if (task.getStack().includes(co)) return task;
  return null;
}

/** A wait of the library gives back what it was granted; a task that waits for a future goes on doing so. */
function giveUp(task: Task): void {
  const { waitingOn } = task;
  if (waitingOn === undefined || waitingOn instanceof Future || waitingOn.abandon(undefined)) return;
  waitingOn.interrupted();
  task.waitingOn = undefined;
}

/** From the innermost frame to `last`. An error of one goes through those around it. */
function closeFrames(task: Task, last: GeneratorCoroutine<unknown>): Failure {
  let failure: Failure = null;
  for (;;) {
    const frame = task.frame as GeneratorCoroutine<unknown>;
    failure = closeFrame(frame, failure);
    if (frame === last) return failure;
    task.frame = frame.caller as GeneratorCoroutine<unknown>;
  }
}

function closeFrame(frame: GeneratorCoroutine<unknown>, failure: Failure): Failure {
  frame.takeGenerator();
  const { generator } = frame;
  if (generator === undefined) {
    frame.drop();
    return failure;
  }
  const task = exec.task as Task;
  const before = task.waitingOn;
  task.waitingOn = undefined;
  let step: IteratorResult<unknown>;
  try {
    step = failure === null ? closeGenerator(frame, undefined) : throwInto(frame, failure.error);
  } catch (error) {
    task.waitingOn = before;
    return { error };
  } finally {
    frame.drop();
  }
  const waitingOn = task.waitingOn as Waitable | undefined;
  task.waitingOn = before;
  if (step.done && step.value !== SUSPEND) return null;
  forgetUnwound();
  exec.restart = false;
  if (waitingOn instanceof Future) waitingOn.unlisten((listener) => listener === task);
  else waitingOn?.abandon(undefined);
  return { error: new RuntimeError(`Cannot close coroutine "${frame.name}": it waited again in a finally block`) };
}

function throwInto(frame: GeneratorCoroutine<unknown>, error: unknown): IteratorResult<unknown> {
  const { generator } = frame;
  if (typeof generator === "function") return { done: true, value: throwIntoReentered(frame, error) };
  return generatorThrow.call(generator as Generator, error);
}

/** Takes the place of a closed coroutine: whatever comes in, a cancellation too, out goes the error. */
function closedFrame(co: GeneratorCoroutine<unknown>): GeneratorCoroutine<never> {
  const refuse = (): never => {
    throw alreadyAwaited(co);
  };
  const frame = new GeneratorCoroutine<never>(refuse, co, THROW);
  frame.claim();
  // As one that waits, or an error would pass it by.
  frame.status |= 1 << PLACE_SHIFT;
  frame.caller = co.caller;
  return frame;
}
