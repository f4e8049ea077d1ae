import { HttpConnectError, retryAfter } from "@tsyncio/http";
import {
  CancelledError,
  type Coroutine,
  type EventLoop,
  ExceptionGroup,
  type Task,
  type TaskGroup,
  type TimerHandle,
  coroutine,
  getRunningLoop,
  isAwaitable,
  sleep,
  taskGroup,
} from "tsyncio";
import { InputFault } from "../errors.ts";
import type { InputItem } from "../input/batch-input.ts";
import type { ItemId } from "../input/item-id.ts";
import { Pull } from "../input/pull.ts";
import { IdStates, RECORDED, SEEN } from "../journal/id-states.ts";
import type { ResultStore } from "../output/batch-output.ts";
import type { BatchFailure, BatchResult } from "../output/batch-result.ts";
import type { AnswerFailure } from "../presets/batch-preset.ts";
import type { BatchRequest } from "../request/batch-request.ts";
import type { BatchEvent } from "./batch-event.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { BatchReport } from "./batch-report.ts";
import { Attempt, type Exchanged } from "./attempt.ts";
import { Figures } from "./figures.ts";
import { type OpenItem, OpenItems } from "./open-items.ts";
import { verdictOn } from "./verdict.ts";

/** Beside those in flight: how many may be waiting to be sent again. */
const ALSO_OPEN = 64;

/** An item that has a request. */
interface Job extends OpenItem {
  readonly id: ItemId;
  readonly line: number;
  readonly position: number;
  readonly request: BatchRequest;
}

/**
 * One run of a batch.
 *
 * | state | entered by | |
 * |---|---|---|
 * | reading results | `run()` | nothing is sent |
 * | sending | the results of earlier runs are known | items are read as there is room for them |
 * | stopping | `stop()`: the signal, a verdict, an input that cannot be read | what is in flight is waited for, what waits is dropped |
 * | over | nothing is in flight | the output is closed |
 */
export class BatchRun {
  readonly #plan: BatchPlan;
  readonly #ids: IdStates = new IdStates();
  readonly #open: OpenItems = new OpenItems();
  readonly #loop: EventLoop;
  readonly #figures: Figures;
  readonly #store: ResultStore;
  #positions = 0;
  #failuresInRow = 0;
  #dispatcher: Task<void> | null = null;
  #stopped: string | null = null;
  /** What ended the reading of the input. */
  #failure: { readonly error: unknown } | null = null;
  #ticker: TimerHandle | null = null;

  /** @throws what opening the output throws. */
  constructor(plan: BatchPlan) {
    this.#plan = plan;
    this.#loop = getRunningLoop();
    this.#figures = new Figures(plan.input.size, () => this.#loop.time());
    this.#store = plan.output.open();
  }

  *run(): Generator<unknown, BatchReport, any> {
    let complete = false;
    const { signal } = this.#plan;
    const aborted = (): void => void this.#loop.callSoonThreadsafe(() => this.#stop(reasonOf(signal)));
    try {
      yield* this.#readResults();
      signal?.addEventListener("abort", aborted);
      if (signal?.aborted === true) this.#stop(reasonOf(signal));
      this.#tick();
      yield* this.#sendAll();
      if (this.#failure !== null) throw this.#failure.error;
      complete = this.#figures.report(this.#stopped).complete;
    } finally {
      signal?.removeEventListener("abort", aborted);
      this.#ticker?.cancel();
      yield* this.#store.close(complete);
    }
    this.#emitProgress();
    const report = this.#figures.report(this.#stopped);
    this.#emit({ type: "end", ...report });
    return report;
  }

  *#readResults(): Generator<unknown, void, any> {
    const { retryFailed, input, output } = this.#plan;
    const store = this.#store;
    const forgotten = retryFailed ? yield* store.forgetFailed() : 0;
    let recorded = 0;
    yield* store.recorded((id, ok) => {
      const isNew = (this.#ids.add(id, RECORDED) & RECORDED) === 0;
      if (isNew) recorded++;
      if (isNew && !ok) this.#figures.earlierFailures++;
      return isNew;
    });
    this.#emit({
      type: "start",
      input: input.name,
      output: output.name,
      recorded,
      recordedFailures: this.#figures.earlierFailures,
      forgotten,
      mended: store.mended,
    });
  }

  *#sendAll(): Generator<unknown, void, any> {
    if (this.#stopped !== null) return;
    try {
      yield* taskGroup((tg) => {
        this.#dispatcher = tg.createTask(dispatching(this, tg), { name: "batch input" });
        return ready;
      });
    } catch (error) {
      // One error is what it is.
      throw error instanceof ExceptionGroup && error.errors.length === 1 ? error.errors[0] : error;
    }
  }

  /** No more is sent, and what is in flight is waited for. Only the first reason counts. */
  #stop(reason: string): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    this.#emit({ type: "stopping", reason });
    this.#dispatcher?.cancel();
    this.#open.cancelWaiting();
  }

  /** @internal Reads the input, and makes a task of each item as soon as it may be sent. */
  *dispatch(tg: TaskGroup): Generator<unknown, void, any> {
    const groups = new Pull(this.#plan.input);
    try {
      for (;;) {
        const { done, value: items } = yield* groups.next();
        if (done === true) break;
        for (const item of items) yield* this.#take(tg, item);
        // A file of items that are done would let nothing else run.
        yield* sleep(0);
      }
      this.#figures.exhausted = true;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      this.#failure = { error };
      this.#stop(`the input cannot be read further: ${(error as Error).message}`);
    } finally {
      yield* groups.close();
    }
  }

  *#take(tg: TaskGroup, item: InputItem): Generator<unknown, void, any> {
    const { line } = item;
    const figures = this.#figures;
    const { ordering } = this.#store;
    figures.read++;
    figures.position = item.end;
    try {
      const named = this.#name(item);
      if (!named.recorded) {
        const value = named.value === UNREAD ? item.value() : named.value;
        const request = yield* this.#requestFor(value, named.id, line);
        const position = this.#positions;
        yield* this.#send(tg, { id: named.id, line, position, request, sending: false, task: null });
        return;
      }
      if (ordering !== undefined) {
        yield* ordering.room(this.#positions);
        ordering.taken(this.#positions++, named.id);
      }
      figures.skipped++;
    } catch (error) {
      if (!(error instanceof InputFault)) throw error;
      this.#fault(line, error.message);
    }
  }

  /**
   * @throws {InputFault} for an item without an id, and for one whose id was there before.
   */
  #name(item: InputItem): { readonly id: ItemId; readonly recorded: boolean; readonly value: unknown } {
    const { line } = item;
    const { idOf } = this.#plan;
    const value = idOf === null ? UNREAD : item.value();
    const id = idOf === null ? line : idOf(value, line);
    const before = this.#ids.add(id, SEEN);
    if ((before & SEEN) !== 0)
      throw new InputFault(`Cannot send line ${line}: an earlier line has the same id, ${JSON.stringify(id)}`);
    return { id, value, recorded: (before & RECORDED) !== 0 };
  }

  *#requestFor(value: unknown, id: ItemId, line: number): Generator<unknown, BatchRequest, any> {
    try {
      const made = this.#plan.request(value, { id, line });
      return isAwaitable(made) ? ((yield made) as BatchRequest) : made;
    } catch (error) {
      if (error instanceof CancelledError || error instanceof InputFault) throw error;
      const { message } = error as Error;
      throw new InputFault(`Cannot make a request of line ${line}: ${message}`, { cause: error });
    }
  }

  *#send(tg: TaskGroup, job: Job): Generator<unknown, void, any> {
    yield* this.#open.room(() => 2 * this.#plan.permits.limit + ALSO_OPEN);
    const { ordering } = this.#store;
    if (ordering !== undefined) yield* ordering.room(job.position);
    const attempt = yield* this.#nextAttempt(job);
    this.#positions++;
    this.#open.add(job);
    job.sending = true;
    job.task = tg.createTask(attending(this, job, attempt), { name: `batch ${job.id}` });
  }

  /** Waits for its turn: for a place in flight, and for the limits. */
  *#nextAttempt({ request, line }: Job): Generator<unknown, Attempt, any> {
    const { limits, cost, client } = this.#plan;
    const permit = yield* this.#plan.permits.acquire();
    try {
      const reservation = yield* limits.reserve(cost(request));
      return new Attempt(client, request, this.#plan, permit, reservation, this.#loop);
    } catch (error) {
      permit.release(null);
      if (!(error instanceof RangeError)) throw error;
      throw new InputFault(`Cannot send line ${line}: ${error.message}`, { cause: error });
    }
  }

  /** @internal Sends one item until it has a result. */
  *attend(job: Job, first: Attempt): Generator<unknown, void, any> {
    let attempt = first;
    let limited = 0;
    try {
      for (let sent = 1; ; sent++) {
        this.#figures.sent();
        const exchanged = yield* attempt.run();
        if (this.#plan.learnLimits) attempt.teach(this.#plan.limits, exchanged);
        const counted = sent - limited;
        const delay = yield* this.#settle(job, attempt, exchanged, sent, counted, limited);
        if (delay === null) return;
        if (delay.limited) limited++;
        job.sending = false;
        if (this.#stopped !== null) return;
        yield* sleep(delay.ms);
        attempt = yield* this.#nextAttempt(job);
        job.sending = true;
      }
    } catch (error) {
      if (!(error instanceof InputFault)) throw error;
      this.#store.ordering?.taken(job.position, job.id);
      this.#fault(job.line, error.message);
    } finally {
      this.#open.delete(job);
    }
  }

  /** Records what is final. Gives how long to wait before the next attempt; null when there is none. */
  *#settle(
    job: Job,
    attempt: Attempt,
    exchanged: Exchanged,
    sent: number,
    counted: number,
    limitedBefore: number,
  ): Generator<unknown, { readonly ms: number; readonly limited: boolean } | null, any> {
    const { usage: usageOf, judge, statuses, attempts, limitedAttempts, maxFailuresInRow } = this.#plan;
    const { failure, status, elapsed } = exchanged;
    if (failure === null) {
      const usage = usageOf(exchanged.result);
      attempt.answered(usage);
      if (usage !== null) this.#figures.used(usage);
      this.#failuresInRow = 0;
      const { result } = exchanged;
      yield* this.#record({ ...head(job, true, status, sent, elapsed), ...(usage && { usage }), result }, job);
      return null;
    }
    const verdict = verdictOn(failure, judge, statuses);
    attempt.failed(verdict, failure.error instanceof HttpConnectError);
    if (verdict === "limited") this.#figures.limited++;
    if (verdict === "stop") {
      this.#stop(failure.error.message);
      return null;
    }
    const again = verdict === "limited" ? limitedBefore < limitedAttempts : verdict !== "failed" && counted < attempts;
    if (again)
      return this.#again(
        job,
        failure,
        sent,
        verdict === "limited",
        verdict === "limited" ? limitedBefore + 1 : counted,
      );
    if (verdict === "unreachable") {
      this.#stop(failure.error.message);
      return null;
    }
    yield* this.#record({ ...head(job, false, status, sent, elapsed), error: errorOf(failure) }, job);
    if (++this.#failuresInRow >= maxFailuresInRow)
      this.#stop(`${this.#failuresInRow} requests in a row have failed, the last one: ${failure.error.message}`);
    return null;
  }

  #again(
    job: Job,
    failure: AnswerFailure,
    sent: number,
    limited: boolean,
    times: number,
  ): { readonly ms: number; readonly limited: boolean } {
    const { headers, status, error } = failure;
    const asked = headers === null ? null : retryAfter(headers);
    const ms = Math.max(this.#plan.delayAfter(times), asked ?? 0);
    const { id, line } = job;
    this.#emit({ type: "retry", id, line, attempt: sent, status, message: error.message, delay: ms, limited });
    return { ms, limited };
  }

  *#record(result: BatchResult, job: Job): Generator<unknown, void, any> {
    const written = this.#store.write(result, job.position);
    this.#figures.recorded(result.ok);
    const { result: _, ...event } = result;
    this.#emit({ type: "result", ...event });
    if (written !== undefined) yield written;
  }

  #fault(line: number, message: string): void {
    this.#figures.fault(line, message);
    this.#emit({ type: "fault", line, message });
  }

  #tick(): void {
    const { progressInterval } = this.#plan;
    if (progressInterval === Infinity) return;
    this.#ticker = this.#loop.callLater(progressInterval, () => {
      this.#emitProgress();
      this.#tick();
    });
  }

  #emitProgress(): void {
    const inFlight = this.#open.sending;
    const { limits } = this.#plan;
    const moment = { inFlight, waiting: this.#open.size - inFlight, concurrency: this.#plan.permits.limit, limits };
    this.#emit({ type: "progress", ...this.#figures.progress(moment) });
  }

  #emit(event: BatchEvent): void {
    this.#plan.onEvent(event);
  }
}

/** Of an item whose id is its line: it is read when it is sent. */
const UNREAD: unique symbol = Symbol("unread");

/** What `abort("…")` was called with, when it is text. */
function reasonOf(signal: AbortSignal | null): string {
  const reason: unknown = signal?.reason;
  return typeof reason === "string" ? reason : "the signal was aborted";
}

const ready = Promise.resolve();

const dispatching = coroutine(function* dispatch(run: BatchRun, tg: TaskGroup) {
  yield* run.dispatch(tg);
});
const attending: (run: BatchRun, job: Job, first: Attempt) => Coroutine<void> = coroutine(function* attend(
  run: BatchRun,
  job: Job,
  first: Attempt,
) {
  yield* run.attend(job, first);
});

function head(
  { id, line }: Job,
  ok: boolean,
  status: number | null,
  attempts: number,
  elapsed: number,
): Omit<BatchResult, "result" | "error"> {
  return { id, ok, line, status, attempts, elapsed: Math.round(elapsed * 10) / 10 };
}

function errorOf({ error, body }: AnswerFailure): BatchFailure {
  return { code: (error as { readonly code?: string }).code ?? error.name, message: error.message, body };
}
