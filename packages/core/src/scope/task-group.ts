import { CancelledError, KeyboardInterrupt, RuntimeError } from "../errors.ts";
import { ExceptionGroup } from "../exception-group.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { type Awaitable, type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { currentTask } from "../task/create-task.ts";
import { DONE, FAILED, Future, OUTCOME } from "../task/future.ts";
import { outlasting } from "../task/outlasting.ts";
import type { Task, TaskOptions } from "../task/task.ts";
import { type Body, begun, checkBody } from "./body.ts";
import { Child } from "./child.ts";
import { Children } from "./children.ts";
import { type Started, starting } from "./start.ts";
import { shownAsText } from "../loop/shown-as-text.ts";

/** Why the body of a group ended early. */
interface Failure {
  readonly error: unknown;
}

/**
 * Tasks that belong together: `taskGroup()` gives it to its body, and does not end before they have.
 *
 * | state | entered by | createTask() |
 * |---|---|---|
 * | open | the body starts | yes |
 * | closing | the body has ended, tasks are left | yes: a task may make another |
 * | finished | the body has ended, no task is left | no |
 *
 * An open or closing group is shutting down as soon as something has failed: its tasks are cancelled, and it takes no
 * more.
 *
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.TaskGroup
 */
export class TaskGroup {
  static {
    shownAsText(this.prototype);
  }

  /** @internal */ readonly parent: Task<any>;
  readonly #loop: EventLoop;
  readonly #tasks = new Children();
  #bodyEnded = false;
  #shuttingDown = false;
  /** The group has cancelled its parent, and owes it an `uncancel()`. */
  #parentCancelled = false;
  readonly #errors: unknown[] = [];
  #interrupt: KeyboardInterrupt | null = null;
  #propagated: CancelledError | null = null;
  /** Done when no task is left; the parent waits for it. */
  #completed: Future<void> | null = null;

  /** @internal Use `taskGroup()`. */
  constructor() {
    const parent = currentTask();
    if (parent === null)
      throw new RuntimeError("Cannot enter TaskGroup: there is no current task; use it inside a task");
    this.parent = parent;
    this.#loop = parent.loop;
  }

  /** The tasks that have not ended, in the order in which they were made. */
  get tasks(): ReadonlySet<Task<any>> {
    return new Set(this.#tasks);
  }

  /**
   * Schedules a coroutine as a task of the group. It may be called by the body, by tasks of the group and by others.
   *
   * @throws {RuntimeError} when the group is finished or shutting down; the coroutine is closed.
   * @throws {TypeError} for what is no coroutine.
   * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.TaskGroup.create_task
   */
  createTask<T>(co: Awaitable<T>, options?: TaskOptions): Task<T> {
    return this.spawn(co, options, null);
  }

  /**
   * Schedules a task of the group and waits until it says that it is ready: `fn` gets a function `started`, and what it
   * calls that with is the result. From then on the task runs beside the body.
   *
   * **When cancelled**: the task is cancelled and waited for.
   *
   * @throws what `fn` throws before it has called `started`; it does not fail the group then.
   * @throws {RuntimeError} when `fn` ends without having called `started`, when the group is finished or shutting down.
   * @throws {TypeError} when `fn` is no function.
   * @example
   * ```ts
   * import { type Started, run, sleep, taskGroup } from "tsyncio";
   * async function serve(started: Started<number>) {
   *   await sleep(1);
   *   started(8080);
   *   await sleep(1);
   *   console.log("served");
   * }
   * async function main() {
   *   await taskGroup(async (tg) => {
   *     console.log("listening on", await tg.start(serve));
   *   });
   * }
   * await run(main()); // → listening on 8080, served
   * ```
   * @see https://anyio.readthedocs.io/en/stable/tasks.html#starting-and-initializing-tasks
   */
  start<V = void>(fn: Body<Started<V>, unknown>, options?: TaskOptions): Coroutine<V> {
    checkBody(fn, "tg.start");
    return new GeneratorCoroutine<V>(starting<V>(this, fn, options), { name: "start" }, THROW);
  }

  /**
   * Ends the group early: its tasks and its body are cancelled, and `taskGroup()` gives undefined instead of throwing,
   * unless something fails during that. Does nothing when the group is shutting down or finished.
   */
  cancel(): void {
    if (this.#shuttingDown || this.#finished) return;
    this.#shutDown();
    this.#cancelParent();
  }

  get #finished(): boolean {
    return this.#bodyEnded && this.#tasks.size === 0;
  }

  /** @internal */
  spawn<T>(co: Awaitable<T>, options: TaskOptions | undefined, ready: Future<any> | null): Task<T> {
    if (this.#finished || this.#shuttingDown) {
      const name = options?.name ?? (isCoroutine(co) ? co.name : String(co));
      if (isCoroutine(co)) co.close();
      throw new RuntimeError(
        this.#finished
          ? `Cannot create task "${name}" in a finished TaskGroup: create tasks before its body returns`
          : `Cannot create task "${name}" in a TaskGroup that is shutting down: it was cancelled or something in it has failed`,
      );
    }
    const task = this.#loop.createTask(co, options);
    if (task.done()) this.#ended(task, ready);
    else {
      const child = new Child(this, task, ready);
      this.#tasks.add(child);
      task.listen(child);
    }
    return task;
  }

  /** @internal A task of the list has ended. */
  left(child: Child): void {
    this.#tasks.delete(child);
    this.#ended(child.task, child.ready);
  }

  #ended(task: Task<any>, ready: Future<any> | null): void {
    if (this.#tasks.size === 0 && this.#completed?.done() === false) this.#completed.setResult(undefined);
    const outcome = task.state & OUTCOME;
    if (ready !== null && !ready.done()) {
      ready.settle(FAILED, outcome === DONE ? notStarted(task) : task.failure());
      return;
    }
    if (outcome !== FAILED) return;
    const error = task.failure();
    this.#errors.push(error);
    if (error instanceof KeyboardInterrupt) this.#interrupt ??= error;
    if (this.parent.done()) {
      this.#loop.callExceptionHandler({
        message: `Task ${String(task)} has errored out but its parent task ${String(this.parent)} is already completed`,
        exception: error,
        task,
      });
      return;
    }
    if (this.#shuttingDown || this.#parentCancelled) return;
    this.#shutDown();
    this.#cancelParent();
  }

  #shutDown(): void {
    this.#shuttingDown = true;
    for (const task of this.#tasks) if (!task.done()) task.cancel();
  }

  #cancelParent(): void {
    this.#parentCancelled = true;
    this.parent.cancel();
  }

  /** @internal The body has ended. */
  leave(failure: Failure | null): void {
    this.#bodyEnded = true;
    if (failure === null) return;
    if (failure.error instanceof KeyboardInterrupt) this.#interrupt ??= failure.error;
    if (failure.error instanceof CancelledError) this.#propagated = failure.error;
    if (!this.#shuttingDown) this.#shutDown();
  }

  /** @internal What the parent waits for; null when no task is left. */
  readonly completion = (): Future<void> | null => {
    return this.#tasks.size === 0 ? null : (this.#completed = new Future<void>({ loop: this.#loop }));
  };

  /** @internal The parent was cancelled while it waited. Once is enough: the group waits for its tasks all the same. */
  readonly cancelled = (error: CancelledError): void => {
    if (this.#shuttingDown) return;
    this.#propagated = error;
    this.#shutDown();
  };

  /** @internal Every task has ended: throws what is to be thrown. */
  finish(failure: Failure | null): void {
    const { parent } = this;
    const errors = this.#errors;
    if (this.#interrupt !== null) throw this.#interrupt;
    if (this.#parentCancelled && parent.uncancel() === 0) this.#propagated = null;
    if (this.#propagated !== null && errors.length === 0) throw this.#propagated;
    if (failure !== null && !(failure.error instanceof CancelledError)) errors.push(failure.error);
    if (errors.length === 0) return;
    // Errors come before a cancellation from outside; that one strikes at the next wait, and the count stays.
    if (parent.cancelling() > 0) {
      parent.uncancel();
      parent.cancel();
    }
    throw new ExceptionGroup("unhandled errors in a TaskGroup", errors);
  }

  /** @internal The coroutine was closed from outside. */
  closed(): void {
    if (!this.#finished && !this.#shuttingDown) this.#shutDown();
  }

  toString(): string {
    const { size } = this.#tasks;
    const { length } = this.#errors;
    return `<TaskGroup${size > 0 ? ` tasks=${size}` : ""}${length > 0 ? ` errors=${length}` : ""} ${this.#shuttingDown ? "cancelling" : "entered"}>`;
  }
}

function notStarted(task: Task<any>): RuntimeError {
  return new RuntimeError(`Cannot start ${task.getName()}: it ended without calling started()`);
}

function* grouped<T>(body: Body<TaskGroup, T>): Generator<undefined, T, any> {
  const group = new TaskGroup();
  let value: unknown;
  let failure: Failure | null = null;
  let over = false;
  try {
    try {
      const $ = enter(begun(body, group));
      value = $ === SUSPEND ? yield : $;
    } catch (error) {
      failure = { error };
    }
    group.leave(failure);
    yield* outlasting(group.parent, group.completion, group.cancelled);
    over = true;
  } finally {
    if (!over) group.closed();
  }
  group.finish(failure);
  return value as T;
}

/**
 * Runs `body`, which makes tasks with `tg.createTask()`, and waits until all of them have ended. Gives what the body
 * gives.
 *
 * When a task or the body throws, the others are cancelled and waited for, and all errors are thrown together in an
 * `ExceptionGroup`, in the order in which they came, that of the body last. A task that is cancelled by itself is no
 * failure.
 *
 * **When cancelled**: the body and the tasks are cancelled and waited for, then the `CancelledError` goes on. Further
 * cancellations while it waits do not hurry it. When something fails during that, the errors are thrown, and the
 * cancellation strikes at the next wait.
 *
 * @throws {ExceptionGroup} with the errors of the tasks and of the body.
 * @throws {KeyboardInterrupt} by itself, whatever else has failed.
 * @throws {RuntimeError} outside of a task.
 * @example
 * ```ts
 * import { run, sleep, taskGroup } from "tsyncio";
 * async function main() {
 *   const sum = await taskGroup(async (tg) => {
 *     const one = tg.createTask(sleep(2, 1));
 *     const two = tg.createTask(sleep(1, 2));
 *     return (await one) + (await two);
 *   });
 *   console.log(sum);
 * }
 * await run(main()); // → 3
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#task-groups
 */
export function taskGroup<T>(body: Body<TaskGroup, T>): Coroutine<T> {
  checkBody(body, "taskGroup");
  return new GeneratorCoroutine<T>(grouped(body), taskGroup, THROW);
}
