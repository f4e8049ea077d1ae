import { Context } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { GeneratorCoroutine, enter } from "../coroutine/coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { makeCancelled } from "../task/future.ts";
import { Task } from "../task/task.ts";
import { MUST_CANCEL } from "../task/task-state.ts";

/** Who has work for workers. */
export interface Employer {
  readonly loop: EventLoop;
  /** What every job starts with; each has a copy. */
  readonly context: Context | undefined;
  readonly results: unknown[];
  /** The job that `take()` has taken, and its place among the results. */
  readonly job: unknown;
  readonly index: number;
  /** Takes the next job; false when there is no more to do. */
  take(): boolean;
  failed(index: number, error: unknown): void;
  /** Somebody has cancelled a worker. */
  disturbed(message: unknown): void;
}

/** Runs one job after the other. A job is awaited in its worker, it is not a task of its own. */
export class Worker extends Task<void> {
  readonly #employer: Employer;

  constructor(employer: Employer) {
    super(new GeneratorCoroutine<void>(working(employer), WORKER, THROW), { loop: employer.loop });
    this.#employer = employer;
  }

  override cancel(message?: unknown): boolean {
    // A job that cancels its own task means itself.
    if (exec.task !== this && !this.done()) this.#employer.disturbed(message);
    return super.cancel(message);
  }

  /** A job is over: what it asked for goes with it. True when it has cancelled itself and did not wait to hear it. */
  forgetCancellation(): boolean {
    const unheard = (this.state & MUST_CANCEL) !== 0;
    while (this.cancelling() > 0) this.uncancel();
    return unheard;
  }
}

const WORKER = { name: "gather" };

function* working(employer: Employer): Generator<undefined, void, any> {
  const worker = exec.task as Worker;
  const { context } = employer;
  while (employer.take()) {
    const { index } = employer;
    worker.context = exec.context = context === undefined ? undefined : new Context(context);
    try {
      const $ = enter(employer.job);
      employer.results[index] = $ === SUSPEND ? yield : $;
      if (worker.cancelling() > 0 && worker.forgetCancellation()) employer.failed(index, makeCancelled(undefined));
    } catch (error) {
      worker.forgetCancellation();
      employer.failed(index, error);
    }
  }
}
