import { CancelledError, RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { currentTask } from "../task/create-task.ts";
import type { Task } from "../task/task.ts";
import { MUST_CANCEL, SCOPE_CANCELLED } from "../task/task-state.ts";
import { type Body, begun, checkBody } from "./body.ts";
import { Deadline } from "./deadline.ts";

/** Options of `cancelScope`. */
export interface CancelScopeOptions {
  /** When the scope is cancelled, in `loop.time()` milliseconds. Default: never. */
  readonly deadline?: number;
  /** Whether the scope is out of reach of the scopes around it. Default: it is not. */
  readonly shield?: boolean;
}

/**
 * What `cancelScope` gives to its body.
 *
 * @see https://anyio.readthedocs.io/en/stable/cancellation.html
 */
export class CancelScope extends Deadline {
  /** Whether it is out of reach of the scopes around it. */
  readonly shield: boolean;
  #deadline: number;
  #task: Task<unknown> | null = null;
  #outer: CancelScope | null = null;
  /** Whether a scope around it is cancelled and reaches it. Kept, not asked for: scopes may be nested very deeply. */
  #reached = false;
  #cancelCalled = false;
  #cancelledCaught = false;
  /** The cancel requests that the task had before, and whether one of them was not delivered yet. */
  #requests = 0;
  #undelivered = 0;

  /** @internal Use `cancelScope()`. */
  constructor(options: CancelScopeOptions) {
    super();
    this.shield = options.shield === true;
    this.#deadline = checkDeadline(options.deadline ?? Infinity);
  }

  /** Whether it was cancelled, by `cancel()` or by its deadline. */
  get cancelCalled(): boolean {
    return this.#cancelCalled;
  }

  /** Whether the body ended by the cancellation of this scope: `cancelScope` then gave undefined. */
  get cancelledCaught(): boolean {
    return this.#cancelledCaught;
  }

  /** When it is cancelled, in `loop.time()` milliseconds; Infinity for never. It can be set while the body runs. */
  get deadline(): number {
    return this.#deadline;
  }

  set deadline(when: number) {
    this.#deadline = checkDeadline(when);
    if (this.#task !== null && !this.#cancelCalled) this.#arm(this.#task);
  }

  /**
   * Cancels everything that the task waits for inside, now and from now on. The wait in progress is given up, unless
   * its value is there already: nothing that was granted is lost. Cancelling twice does nothing.
   */
  cancel(): void {
    if (this.#cancelCalled) return;
    this.#cancelCalled = true;
    const task = this.#task;
    if (task === null) return;
    this.disarm(task.loop);
    this.#reachInwards(task);
    if (refresh(task)) interrupt(task);
  }

  #reachInwards(task: Task<unknown>): void {
    const inside: CancelScope[] = [];
    let scope = task.detail().scope as CancelScope | null;
    for (; scope !== this; scope = scope.#outer) {
      // An async generator that was left open has taken this one out of its place.
      if (scope === null) return;
      inside.push(scope);
    }
    for (scope of inside.toReversed()) {
      if (scope.shield) return;
      scope.#reached = true;
    }
  }

  /** @internal Whether what is inside is cancelled: by itself, or by a scope around it that reaches it. */
  get effective(): boolean {
    return this.#cancelCalled || this.#reached;
  }

  /** @internal */
  enter(): void {
    const task = currentTask();
    if (task === null)
      throw new RuntimeError("Cannot enter CancelScope: there is no current task; use it inside a task");
    const detail = task.detail();
    this.#task = task;
    this.#outer = detail.scope as CancelScope | null;
    this.#reached = !this.shield && this.#outer?.effective === true;
    this.#requests = task.cancelling();
    this.#undelivered = task.state & MUST_CANCEL;
    detail.scope = this;
    this.#arm(task);
    refresh(task);
  }

  /** @internal The body is over. True when `error` is the cancellation of this scope. */
  exit(error: unknown): boolean {
    const task = this.#task;
    if (task === null) return false;
    this.disarm(task.loop);
    task.detail().scope = this.#outer;
    this.#task = null;
    refresh(task);
    if (!this.#cancelCalled || task.cancelling() > this.#requests) return false;
    // What the scope had to say and the body did not wait to hear ends with it.
    if (this.#undelivered === 0) task.state &= ~MUST_CANCEL;
    this.#cancelledCaught = error instanceof CancelledError && !this.#reached;
    return this.#cancelledCaught;
  }

  #arm(task: Task<unknown>): void {
    const { loop } = task;
    const now = loop.time();
    if (this.#deadline <= now) this.cancel();
    else this.arm(loop, this.#deadline, now);
  }

  /** @internal */ protected override strike(): void {
    this.cancel();
  }

  override toString(): string {
    const state = this.#cancelledCaught
      ? "cancelled"
      : this.#cancelCalled
        ? "cancelling"
        : this.#task === null
          ? "finished"
          : "active";
    return `<CancelScope [${state}]${this.#deadline === Infinity ? "" : ` deadline=${Math.round(this.#deadline)}`}${this.shield ? " shield" : ""}>`;
  }
}

function checkDeadline(when: number): number {
  if (typeof when === "number" && when === when) return when;
  throw new TypeError(
    `Cannot set the deadline of CancelScope: expected loop.time() milliseconds, received ${String(when)}`,
  );
}

/** Whether what the task waits for is cancelled, by the scopes it is in. */
function refresh(task: Task<unknown>): boolean {
  const scope = task.detail().scope as CancelScope | null;
  const cancelled = scope?.effective === true;
  if (cancelled) task.state |= SCOPE_CANCELLED;
  else task.state &= ~SCOPE_CANCELLED;
  return cancelled;
}

function interrupt(task: Task<unknown>): void {
  if (task === exec.task) return;
  const { waitingOn } = task;
  if (waitingOn === undefined) task.state |= MUST_CANCEL;
  else waitingOn.abandon(undefined);
}

/** @internal What the scope caught, in place of a value. */
export const CAUGHT: unique symbol = Symbol("cancelled");

/** @internal */
export function* scoped<T>(
  scope: CancelScope,
  body: Body<CancelScope, T>,
): Generator<undefined, T | typeof CAUGHT, any> {
  scope.enter();
  try {
    const $ = enter(begun(body, scope));
    return $ === SUSPEND ? yield : $;
  } catch (error) {
    if (scope.exit(error)) return CAUGHT;
    throw error;
  } finally {
    scope.exit(undefined);
  }
}

function* forgiving<T>(scope: CancelScope, body: Body<CancelScope, T>): Generator<undefined, T | undefined, any> {
  const value = yield* scoped(scope, body);
  return value === CAUGHT ? undefined : value;
}

/**
 * Runs `body` in a scope that can be cancelled as a whole: once `scope.cancel()` was called, or the deadline is past,
 * every wait inside throws `CancelledError`, again and again, until the body is left. This cancellation stays inside:
 * `cancelScope` gives undefined then, and `scope.cancelledCaught` is true. A body that comes to its end all the same
 * gives its value.
 *
 * - A cancelled scope cancels the scopes inside it, except what runs in one with `shield: true`. Of nested scopes that
 *   are cancelled the outermost one catches.
 * - `task.cancel()` goes through scopes, shields too, and is not caught: it is another one's request, thrown once.
 * - A scope belongs to the task that runs its body. Tasks made inside are cancelled when something in the body cancels
 *   them: a task group does, a bare `createTask` does not.
 *
 * **When cancelled**: the body is; the timer is dropped.
 *
 * @throws what the body throws.
 * @throws {RuntimeError} outside of a task.
 * @example
 * ```ts
 * import { cancelScope, run, sleep } from "tsyncio";
 * async function main() {
 *   await cancelScope(async (scope) => {
 *     scope.cancel();
 *     try {
 *       await sleep(1000);
 *     } finally {
 *       await cancelScope(async () => await sleep(1), { shield: true });
 *       console.log("cleaned up");
 *     }
 *   });
 *   console.log("goes on");
 * }
 * await run(main()); // → cleaned up, goes on
 * ```
 * @see https://anyio.readthedocs.io/en/stable/cancellation.html
 */
export function cancelScope<T>(body: Body<CancelScope, T>, options: CancelScopeOptions = {}): Coroutine<T | undefined> {
  checkBody(body, "cancelScope");
  return new GeneratorCoroutine<T | undefined>(forgiving(new CancelScope(options), body), cancelScope, THROW);
}
