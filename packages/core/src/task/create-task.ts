import type { Awaitable } from "../coroutine/coroutine.ts";
import type { Host } from "../loop/host.ts";
// What teaches coroutines to await promises.
import "../coroutine/promise.ts";
import { type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { isCoroutineFunction } from "../coroutine/marks.ts";
import { EventLoop, type TaskFactory } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { lent } from "../loop/lent.ts";
import { getRunningLoop } from "../loop/running.ts";
import { awaitingCoroutine } from "./awaiting.ts";
import { callGraphs } from "./call-graph.ts";
import { closeCoroutine } from "./close-coroutine.ts";
import { Future, isFuture } from "./future.ts";
import { HandDriven, drive } from "./hand-driven.ts";
import { shutdownAsyncgens, shutdownDefaultExecutor } from "./shut-down.ts";
import { Task, type TaskOptions } from "./task.ts";

/**
 * Schedules a coroutine on the running loop and gives its task. It starts in the next iteration.
 *
 * @throws {RuntimeError} when no loop is running.
 * @throws {TypeError} for what is no coroutine.
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.create_task
 */
export function createTask<T>(co: Awaitable<T>, options?: TaskOptions): Task<T> {
  return getRunningLoop().createTask(co, options);
}

/**
 * A future for anything that can be awaited: futures as they are, the rest as a task.
 *
 * @throws {TypeError} for what cannot be awaited.
 */
export function ensureFuture<T>(aw: Awaitable<T>, options?: { readonly loop?: EventLoop }): Future<T> {
  if (isFuture(aw)) {
    if (options?.loop !== undefined && options.loop !== aw.loop)
      throw new RangeError("Cannot use the future on this loop: it belongs to a different one");
    return aw as Future<T>;
  }
  const loop = options?.loop ?? getRunningLoop();
  if (isCoroutine(aw)) {
    try {
      return loop.createTask(aw as Coroutine<T>);
    } catch (error) {
      aw.close();
      throw error;
    }
  }
  if (isAwaitable(aw)) return loop.createTask(awaitingCoroutine<T>(aw));
  throw new TypeError(`Cannot await ${unawaitable(aw)}`);
}

function unawaitable(x: unknown): string {
  return typeof x === "function"
    ? `${x.name || "a function"}: received the function itself; call it: ${x.name || "fn"}()`
    : `${String(x)}: expected a coroutine, a future or a promise`;
}

/** Whether `x` can wait: a coroutine, a future, or any thenable. */
export function isAwaitable(x: unknown): x is Awaitable<unknown> {
  return (
    (typeof x === "object" || typeof x === "function") &&
    x !== null &&
    typeof (x as { then?: unknown }).then === "function"
  );
}

/** The task whose coroutine is running, null in plain callbacks and outside. */
export function currentTask(): Task<any> | null {
  return exec.task instanceof HandDriven ? null : exec.task;
}

/** The tasks of a loop that are not done. */
export function allTasks(loop: EventLoop = getRunningLoop()): Set<Task<any>> {
  return new Set(loop.tasks);
}

/** Makes every new task of a loop run its first step at once: `loop.setTaskFactory(eagerTaskFactory)`. */
export const eagerTaskFactory: TaskFactory = (loop, co, options) =>
  new Task(co, { ...options, loop, eagerStart: options.eagerStart ?? true });

/** An eager task factory for a subclass of Task. */
export function createEagerTaskFactory(taskClass: typeof Task): TaskFactory {
  return (loop, co, options) => new taskClass(co, { ...options, loop, eagerStart: options.eagerStart ?? true });
}

/** A loop of its own, not running yet. `host` is where it gets time and turns from; by default the platform. */
export function newEventLoop(options?: { readonly host?: Host }): EventLoop {
  return new EventLoop(options);
}

let defaultLoop: EventLoop | undefined;

/** @internal Where native code's awaits run: the loop whose turn it is, else a loop that runs, else the default loop. */
export function loopForNativeCode(): EventLoop {
  if (exec.loop !== null) return exec.loop;
  for (const loop of EventLoop.active) if (!loop.isClosed()) return loop;
  if (defaultLoop === undefined || defaultLoop.isClosed()) {
    defaultLoop = new EventLoop();
  }
  if (!defaultLoop.isRunning()) void defaultLoop.runInBackground();
  return defaultLoop;
}

lent.future = (loop) => new Future({ loop });
lent.task = (loop, co, options) => new Task(co, options, loop);
lent.ensureFuture = (aw, loop) => ensureFuture(aw, { loop });
lent.schedule = (co) => loopForNativeCode().createTask(co);
lent.drive = (co, value, threw) => drive(co, exec.loop ?? loopForNativeCode(), value, threw);
lent.close = closeCoroutine;
lent.graph = callGraphs;
lent.isCoroutineFunction = isCoroutineFunction;
lent.shutdownAsyncgens = shutdownAsyncgens;
lent.shutdownDefaultExecutor = shutdownDefaultExecutor;
