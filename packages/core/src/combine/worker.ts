import { CancelledError } from "../errors.ts";
import { Context } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { GeneratorCoroutine, enterOutermost } from "../coroutine/generator-coroutine.ts";
import { NOTHING, SUSPEND } from "../coroutine/protocol.ts";
import { awaitingCoroutine } from "../task/awaiting.ts";
import { DONE, FAILED, makeCancelled } from "../task/future.ts";
import { Task } from "../task/task.ts";
import { MUST_CANCEL } from "../task/task-state.ts";

export const NO_JOB: unique symbol = Symbol("no job");

// V8 takes constants of a file as they are; what is imported, or exported, it looks up each time.
const SUSPENSION: typeof SUSPEND = SUSPEND;
const NOTHING_LEFT: typeof NO_JOB = NO_JOB;

/** Who has work for workers. */
export interface Employer {
  readonly loop: EventLoop;
  /** What every job starts with; each has a copy. */
  readonly context: Context | undefined;
  readonly results: unknown[];
  /** The place among the results of the job that was taken last. */
  readonly index: number;
  /** Takes the next job; NO_JOB when there is no more to do. */
  take(): unknown;
  failed(index: number, error: unknown): void;
  /** Somebody has cancelled a worker. */
  disturbed(message: unknown): void;
}

/**
 * Runs one job after the other. A job is no task of its own: its coroutine is that of the worker, and when it has ended
 * the next takes its place.
 */
export class Worker extends Task<void> {
  private readonly employer: Employer;
  /** The place of its job among the results; -1 before the first. */
  private index = -1;

  constructor(employer: Employer) {
    super(new GeneratorCoroutine<void>(beginning(), WORKER, NOTHING), { loop: employer.loop });
    this.employer = employer;
  }

  override fire(): void {
    super.fire();
    if (this.frame === undefined && !this.done()) this.work();
  }

  /** Until a job waits. */
  private work(): void {
    const { employer } = this;
    const { context, results } = employer;
    exec.task = this;
    exec.depth = 0;
    for (let taken = employer.take(); taken !== NOTHING_LEFT; taken = employer.take()) {
      const { index } = employer;
      const job = asCoroutine(taken);
      this.index = index;
      this.context = exec.context = context === undefined ? undefined : new Context(context);
      try {
        const value = enterOutermost(job);
        if (value === SUSPENSION) {
          this.leftBehind();
          if (this.frame !== undefined) return;
          exec.task = this;
        } else if (this.cancelling() === 0) results[index] = value;
        else this.finish(DONE, value);
      } catch (error) {
        this.threw(error, job);
      }
    }
    super.finish(DONE, undefined);
  }

  /** A job has ended, and what it asked for goes with it. */
  override finish(outcome: number, value: unknown): void {
    const { index, employer } = this;
    this.frame = undefined;
    if (index < 0) return outcome === DONE ? undefined : super.finish(outcome, value);
    // It may have cancelled itself and not have waited to hear it.
    if (outcome === DONE && !this.forgetCancellation()) employer.results[index] = value;
    else {
      this.forgetCancellation();
      employer.failed(index, outcome === FAILED || value instanceof CancelledError ? value : makeCancelled(undefined));
    }
  }

  override fail(error: unknown): void {
    this.finish(FAILED, error);
  }

  override cancel(message?: unknown): boolean {
    // A job that cancels its own task means itself.
    if (exec.task !== this && !this.done()) this.employer.disturbed(message);
    return super.cancel(message);
  }

  /** True when a cancellation has not been heard. */
  private forgetCancellation(): boolean {
    if (this.cancelling() === 0) return false;
    const unheard = (this.state & MUST_CANCEL) !== 0;
    while (this.cancelling() > 0) this.uncancel();
    return unheard;
  }
}

function asCoroutine(job: unknown): GeneratorCoroutine<any> {
  return job instanceof GeneratorCoroutine ? job : awaitingCoroutine(job);
}

const WORKER = { name: "gather" };

/** The first step of a worker, in which it may be cancelled before it has a job. */
function* beginning(): Generator<undefined, void, any> {}
