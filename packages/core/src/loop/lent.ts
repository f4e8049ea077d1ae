import type { Awaitable, Coroutine } from "../coroutine/coroutine.ts";
import type { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import type { Future } from "../task/future.ts";
import type { Task, TaskOptions } from "../task/task.ts";
import type { EventLoop } from "./event-loop.ts";

/** What the task floor lends to the floors below it. */
export interface Lent {
  future<T>(loop: EventLoop): Future<T>;
  task<T>(loop: EventLoop, co: Coroutine<T>, options: TaskOptions): Task<T>;
  ensureFuture<T>(aw: Awaitable<T>, loop: EventLoop): Future<T>;
  /** Runs what native code awaits: on the running loop, else on the default loop. */
  schedule<T>(co: Coroutine<T>): Future<T>;
  /** One step of a coroutine driven by hand. */
  drive<T>(co: Coroutine<T>, value: unknown, threw: boolean): IteratorResult<unknown, T>;
  /** Ends a suspended coroutine. */
  close(co: GeneratorCoroutine<any>): void;
  graph(loop: EventLoop): string;
  isCoroutineFunction(fn: unknown): boolean;
  shutdownAsyncgens(loop: EventLoop): Coroutine<void>;
  shutdownDefaultExecutor(loop: EventLoop, timeout: number | null): Coroutine<void>;
}

/** Filled in when task/task.ts is loaded, which every way to run something does. */
export const lent: Lent = {} as Lent;
