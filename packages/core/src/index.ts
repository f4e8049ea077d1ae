/**
 * Python's asyncio for TypeScript: lazy coroutines, an event loop, tasks, structured concurrency.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";
export { type ErrorMatch, ExceptionGroup, catchGroup } from "./exception-group.ts";
export { type Duration, type DurationString, milliseconds } from "./duration.ts";
export { Context, ContextVar, Token, copyContext } from "./loop/context.ts";
export {
  EventLoop,
  type Executor,
  type LoopResource,
  type TaskFactory,
  provideDefaultExecutor,
} from "./loop/event-loop.ts";
export type { LoopStatistics } from "./loop/turns.ts";
export type { ExceptionContext, ExceptionHandler } from "./loop/exceptions.ts";
export { Handle, TimerHandle } from "./loop/handle.ts";
export type { Host, HostTimer, Interrupt } from "./loop/host.ts";
export type { Observer } from "./loop/observer.ts";
export { getRunningLoop } from "./loop/running.ts";
export { type Awaitable, Coroutine, type CoroutineState, isCoroutine } from "./coroutine/coroutine.ts";
export { type CoroutineFunction, coroutine } from "./coroutine/from-generator.ts";
export { isCoroutineFunction } from "./coroutine/marks.ts";
export { AsyncGenerator, asyncGenerator, give } from "./coroutine/async-generator.ts";
export { type FromPromiseOptions, fromPromise } from "./coroutine/promise.ts";
export { type CallGraph, captureCallGraph, formatCallGraph, printCallGraph } from "./task/call-graph.ts";
export { type CoroutineTraceFrame, coroutineTrace } from "./task/coroutine-trace.ts";
export {
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  isAwaitable,
  newEventLoop,
} from "./task/create-task.ts";
export { Future, isFuture } from "./task/future.ts";
export { sleep } from "./task/sleep.ts";
export { spawning } from "./task/spawning.ts";
export { Task, type TaskOptions } from "./task/task.ts";
export { type CancelScope, type CancelScopeOptions, cancelScope } from "./scope/cancel-scope.ts";
export { type MovedOn, moveOnAfter } from "./scope/move-on-after.ts";
export type { Body } from "./scope/body.ts";
export type { Started } from "./scope/start.ts";
export { TaskGroup, taskGroup } from "./scope/task-group.ts";
export { Timeout, timeout, timeoutAt } from "./scope/timeout.ts";
export { waitFor } from "./scope/wait-for.ts";
export {
  type AsCompleted,
  type AsCompletedOptions,
  type CompletedOf,
  type Completions,
  asCompleted,
} from "./combine/as-completed.ts";
export { type GatherOptions, type ResultOf, gather } from "./combine/gather.ts";
export { type MapConcurrentOptions, mapConcurrent } from "./combine/map-concurrent.ts";
export { shield } from "./combine/shield.ts";
export { type RaceWinner, type StaggeredRaceOptions, staggeredRace } from "./combine/staggered-race.ts";
export { type ReturnWhen, type WaitOptions, wait } from "./combine/wait.ts";
export { type Main, type RunOptions, Runner } from "./run/runner.ts";
export { run } from "./run/run.ts";
export { Barrier, type BarrierState, type BarrierStatistics } from "./sync/barrier.ts";
export { BoundedSemaphore, type BoundedSemaphoreStatistics } from "./sync/bounded-semaphore.ts";
export { BrokenBarrierError } from "./sync/broken-barrier-error.ts";
export { Condition, type ConditionStatistics } from "./sync/condition.ts";
export { Event, type EventStatistics } from "./sync/event.ts";
export type { Guard } from "./sync/guard.ts";
export { Lock, type LockStatistics } from "./sync/lock.ts";
export { RateLimiter, type RateLimiterOptions, type RateLimiterStatistics } from "./sync/rate-limiter.ts";
export { Semaphore, type SemaphoreStatistics } from "./sync/semaphore.ts";
export { QueueEmpty, QueueFull, QueueShutDown } from "./queue/queue-errors.ts";
export { LifoQueue } from "./queue/lifo-queue.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./queue/priority-queue.ts";
export { Queue, type QueueItems, type QueueStatistics } from "./queue/queue.ts";
