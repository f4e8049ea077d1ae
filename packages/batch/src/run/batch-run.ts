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
  sleep,
  taskGroup,
} from "tsyncio";
import { InputFault } from "../errors.ts";
import type { InputItem } from "../input/batch-input.ts";
import { Pull } from "../input/pull.ts";
import type { ResultStore } from "../output/batch-output.ts";
import type { BatchEvent } from "./batch-event.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { BatchReport } from "./batch-report.ts";
import { type Control, Delivery } from "./delivery.ts";
import { Figures } from "./figures.ts";
import { Intake } from "./intake.ts";
import { type Job, Jobs } from "./job.ts";

/** Beside those in flight: how many may be waiting to be sent again. */
const ALSO_OPEN = 64;

/**
 * One run of a batch.
 *
 * | state | entered by | |
 * |---|---|---|
 * | reading results | `run()` | nothing is sent |
 * | sending | the results of earlier runs are known | items are read as there is room for them |
 * | stopping | `stop()`: the signal, a verdict; `fail()`: an input that cannot be read, a listener that throws | what is in flight is waited for, what waits is dropped |
 * | over | nothing is in flight | the output is closed |
 */
export class BatchRun implements Control {
  readonly #plan: BatchPlan;
  readonly #loop: EventLoop;
  readonly #figures: Figures;
  readonly #intake: Intake;
  readonly #store: ResultStore;
  readonly #delivery: Delivery;
  readonly #jobs: Jobs = new Jobs();
  #positions = 0;
  #dispatcher: Task<void> | null = null;
  #ticker: TimerHandle | null = null;
  #isDeaf = false;
  #stopped: string | null = null;
  /** What is thrown in the end. */
  #failure: { readonly error: unknown } | null = null;

  /** @throws what opening the output throws. */
  constructor(plan: BatchPlan) {
    this.#plan = plan;
    this.#loop = getRunningLoop();
    this.#figures = new Figures(plan.input.size, () => this.#loop.time());
    this.#intake = new Intake(plan);
    this.#store = plan.output.open();
    this.#delivery = new Delivery(plan, this.#store, this.#figures, this);
  }

  *run(): Generator<unknown, BatchReport, any> {
    let complete = false;
    const { signal } = this.#plan;
    const aborted = (): void => void this.#loop.callSoonThreadsafe(() => this.stop(reasonOf(signal)));
    try {
      yield* this.#readResults();
      signal?.addEventListener("abort", aborted);
      if (signal?.aborted === true) this.stop(reasonOf(signal));
      this.#tick();
      yield* this.#sendAll();
      complete = this.#figures.report(this.#stopped).complete;
    } finally {
      signal?.removeEventListener("abort", aborted);
      this.#ticker?.cancel();
      yield* this.#store.close(complete);
    }
    this.#emitProgress();
    const report = this.#figures.report(this.#stopped);
    this.emit({ type: "end", ...report });
    if (this.#failure !== null) throw this.#failure.error;
    return report;
  }

  *#readResults(): Generator<unknown, void, any> {
    const { retryFailed, input, output } = this.#plan;
    const store = this.#store;
    const figures = this.#figures;
    const forgotten = retryFailed ? yield* store.forgetFailed() : 0;
    let recorded = 0;
    yield* store.recorded((id, ok) => {
      const isNew = this.#intake.recorded(id);
      if (isNew) recorded++;
      if (isNew && !ok) figures.earlierFailures++;
      return isNew;
    });
    const recordedFailures = figures.earlierFailures;
    const { mended } = store;
    this.emit({ type: "start", input: input.name, output: output.name, recorded, recordedFailures, forgotten, mended });
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
    } finally {
      this.#jobs.abandon();
    }
  }

  get stopped(): string | null {
    return this.#stopped;
  }

  stop(reason: string): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    this.emit({ type: "stopping", reason });
    this.#dispatcher?.cancel();
    this.#jobs.cancelWaiting();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop(error instanceof Error ? error.message : String(error));
  }

  /** A listener that has thrown hears no more. */
  emit(event: BatchEvent): void {
    if (this.#isDeaf) return;
    try {
      this.#plan.onEvent(event);
    } catch (error) {
      this.#isDeaf = true;
      this.fail(error);
    }
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
      this.fail(error);
    } finally {
      yield* groups.close();
    }
  }

  *#take(tg: TaskGroup, item: InputItem): Generator<unknown, void, any> {
    this.#figures.read++;
    this.#figures.position = item.end;
    try {
      const named = this.#intake.name(item);
      if (!named.recorded) {
        const request = yield* this.#intake.request(item, named);
        const { id } = named;
        const { line } = item;
        const position = this.#positions;
        yield* this.#send(tg, { id, line, position, request, sent: 0, limited: 0, attempt: null, task: null });
        return;
      }
      const { ordering } = this.#store;
      if (ordering !== undefined) {
        yield* ordering.room(this.#positions);
        ordering.taken(this.#positions++, named.id);
      }
      this.#figures.skipped++;
    } catch (error) {
      if (!(error instanceof InputFault)) throw error;
      this.#fault(item.line, error.message);
    }
  }

  *#send(tg: TaskGroup, job: Job): Generator<unknown, void, any> {
    yield* this.#jobs.room(() => 2 * this.#plan.permits.limit + ALSO_OPEN);
    yield* this.#store.ordering?.room(job.position) ?? [];
    job.attempt = yield* this.#delivery.admit(job);
    this.#positions++;
    this.#jobs.add(job);
    job.task = tg.createTask(attending(this, job), { name: `batch ${job.id}` });
  }

  /** @internal */
  *attend(job: Job): Generator<unknown, void, any> {
    try {
      yield* this.#delivery.deliver(job);
    } catch (error) {
      if (!(error instanceof InputFault)) throw error;
      this.#store.ordering?.taken(job.position, job.id);
      this.#fault(job.line, error.message);
    } finally {
      this.#jobs.delete(job);
    }
  }

  #fault(line: number, message: string): void {
    this.#figures.fault(line, message);
    this.emit({ type: "fault", line, message });
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
    const inFlight = this.#jobs.sending;
    const { limits, permits } = this.#plan;
    const moment = { inFlight, waiting: this.#jobs.size - inFlight, concurrency: permits.limit, limits };
    this.emit({ type: "progress", ...this.#figures.progress(moment) });
  }
}

/** What `abort("…")` was called with, when it is text. */
function reasonOf(signal: AbortSignal | null): string {
  const reason: unknown = signal?.reason;
  return typeof reason === "string" ? reason : "the signal was aborted";
}

const ready = Promise.resolve();

const dispatching = coroutine(function* dispatch(run: BatchRun, tg: TaskGroup) {
  yield* run.dispatch(tg);
});
const attending: (run: BatchRun, job: Job) => Coroutine<void> = coroutine(function* attend(run: BatchRun, job: Job) {
  yield* run.attend(job);
});
