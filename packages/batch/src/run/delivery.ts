import { HttpConnectError, retryAfter } from "@tsyncio/http";
import { type EventLoop, getRunningLoop, sleep } from "tsyncio";
import { InputFault } from "../errors.ts";
import type { ResultStore } from "../output/batch-output.ts";
import type { BatchFailure, BatchResult } from "../output/batch-result.ts";
import type { AnswerFailure } from "../presets/batch-preset.ts";
import type { BatchCost } from "../request/batch-request.ts";
import { Attempt, type Exchanged } from "./attempt.ts";
import type { BatchEvent } from "./batch-event.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { Figures } from "./figures.ts";
import type { Job } from "./job.ts";
import { Reachable } from "./reachable.ts";
import { type FullVerdict, verdictOn } from "./verdict.ts";

/** The run, as those see it who work for it. */
export interface Control {
  readonly stopped: string | null;
  /** No more is sent, and what is in flight is waited for. Only the first reason counts. */
  stop(reason: string): void;
  /** As `stop`, for what is thrown in the end. */
  fail(error: unknown): void;
  emit(event: BatchEvent): void;
}

/** Sends jobs until they have results. */
export class Delivery {
  readonly #plan: BatchPlan;
  readonly #store: ResultStore;
  readonly #figures: Figures;
  readonly #control: Control;
  readonly #loop: EventLoop = getRunningLoop();
  readonly #reachable: Reachable = new Reachable();
  #failuresInRow = 0;

  constructor(plan: BatchPlan, store: ResultStore, figures: Figures, control: Control) {
    this.#plan = plan;
    this.#store = store;
    this.#figures = figures;
    this.#control = control;
  }

  /**
   * Waits until the job may be sent: for a place in flight first, then for the limits, so that it goes at once when it has both.
   *
   * @throws {InputFault} when it costs more than its limits ever give.
   */
  *admit({ request, line }: Job): Generator<unknown, Attempt, any> {
    const { limits, cost, permits } = this.#plan;
    const permit = yield* permits.acquire();
    let admitted = false;
    try {
      const reservation = yield* limits.reserve(cost(request));
      admitted = true;
      return new Attempt(this.#plan, request, permit, reservation, this.#loop);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new InputFault(`Cannot send line ${line}: ${error.message}`, { cause: error });
    } finally {
      if (!admitted) permit.release(null);
    }
  }

  /** Sends a job that was admitted, again when it fails, and records what comes of it. */
  *deliver(job: Job): Generator<unknown, void, any> {
    for (;;) {
      const attempt = job.attempt as Attempt;
      job.sent++;
      this.#figures.sent();
      const exchanged = yield* attempt.run();
      if (this.#plan.learnLimits) attempt.teach(this.#plan.limits, exchanged);
      if (exchanged.failure === null) return yield* this.#succeeded(job, attempt, exchanged);
      const delay = yield* this.#failed(job, attempt, exchanged, exchanged.failure);
      if (delay === null || this.#control.stopped !== null) return;
      job.attempt = null;
      yield* sleep(delay);
      job.attempt = yield* this.admit(job);
    }
  }

  *#succeeded(job: Job, attempt: Attempt, { status, result, elapsed }: Exchanged): Generator<unknown, void, any> {
    const usage = this.#usageOf(result);
    attempt.answered(usage);
    if (usage !== null) this.#figures.used(usage);
    this.#failuresInRow = 0;
    this.#reachable.answered(job.request);
    yield* this.#record({ ...head(job, true, status, elapsed), ...(usage !== null && { usage }), result }, job);
  }

  /** A fault in reading what an answer has used must not cost the answer. */
  #usageOf(result: unknown): BatchCost | null {
    try {
      return this.#plan.usage(result);
    } catch (error) {
      this.#control.fail(error);
      return null;
    }
  }

  /** Records what is final. Gives how long to wait before it is sent again; null when it is not. */
  *#failed(
    job: Job,
    attempt: Attempt,
    { status, elapsed }: Exchanged,
    failure: AnswerFailure,
  ): Generator<unknown, number | null, any> {
    const { judge, statuses, maxFailuresInRow } = this.#plan;
    const verdict = verdictOn(failure, judge, statuses);
    const { message } = failure.error;
    attempt.failed(verdict, failure.error instanceof HttpConnectError);
    if (status !== null) this.#reachable.answered(job.request);
    if (this.#isSentAgain(job, verdict)) return this.#again(job, failure, verdict);
    if (verdict === "stop" || (verdict === "unreachable" && !this.#reachable.isAlone(job.request))) {
      this.#control.stop(message);
      return null;
    }
    yield* this.#record({ ...head(job, false, status, elapsed), error: errorOf(failure) }, job);
    if (++this.#failuresInRow >= maxFailuresInRow)
      this.#control.stop(`${this.#failuresInRow} requests in a row have failed, the last one: ${message}`);
    return null;
  }

  #isSentAgain({ sent, limited }: Job, verdict: FullVerdict): boolean {
    if (verdict === "limited") return limited < this.#plan.limitedAttempts;
    return (verdict === "retry" || verdict === "unreachable") && sent - limited < this.#plan.attempts;
  }

  #again(job: Job, { headers, status, error }: AnswerFailure, verdict: FullVerdict): number {
    const limited = verdict === "limited";
    if (limited) {
      job.limited++;
      this.#figures.limited++;
    }
    const { id, line, sent } = job;
    const asked = headers === null ? null : retryAfter(headers);
    const delay = Math.max(this.#plan.delayAfter(limited ? job.limited : sent - job.limited), asked ?? 0);
    this.#control.emit({ type: "retry", id, line, attempt: sent, status, message: error.message, delay, limited });
    return delay;
  }

  *#record(result: BatchResult, job: Job): Generator<unknown, void, any> {
    const written = this.#store.write(result, job.position);
    this.#figures.recorded(result.ok);
    const { result: _, ...event } = result;
    this.#control.emit({ type: "result", ...event });
    if (written !== undefined) yield written;
  }
}

function head({ id, line, sent }: Job, ok: boolean, status: number | null, elapsed: number): BatchResult {
  return { id, ok, line, status, attempts: sent, elapsed: Math.round(elapsed * 10) / 10 };
}

function errorOf({ error, body }: AnswerFailure): BatchFailure {
  return { code: (error as { readonly code?: string }).code ?? error.name, message: error.message, body };
}
