import { type EventLoop, QueueFull, RuntimeError, copyContext, getRunningLoop } from "tsyncio";
import { BrokenWorkerError } from "../errors.ts";
import type { OpenChannel, WorkerExit } from "./channel.ts";
import { reviveError, type EncodedError } from "./error-transfer.ts";
import { Job, JobFunction, specOf } from "./job.ts";
import { JobQueue } from "./job-queue.ts";
import { CANCELLED, ERROR, type FromWorker, type ResultMessage, STREAM } from "./messages.ts";
import { PoolWorker } from "./pool-worker.ts";
import { RemoteStream } from "./remote-stream.ts";

/** Jobs that travel together, at most. */
const BATCH = 64;
/** A worker gets more short jobs when it has no more than this many left: it need not wait for them then. */
const LEFT = 32;
/** Texts of functions that are remembered. */
const MOST_TEXTS = 1000;
/** Workers that end without having come up, one after the other, until the pool gives up. */
const FAILED_STARTS = 3;

/** What `statistics()` of an executor tells. */
export interface PoolStatistics {
  readonly workers: number;
  /** Workers without a job. */
  readonly idle: number;
  /** Jobs that wait for a worker. */
  readonly queued: number;
  /** Jobs with a worker. */
  readonly running: number;
  /** Jobs that gave a result or an error of their own. */
  readonly completed: number;
  /** Workers that ended by themselves or were ended for a job that did not stop. */
  readonly broken: number;
}

/** What a pool is made with, checked. */
export interface PoolOptions {
  /** "thread" or "process": for messages. */
  readonly kind: string;
  readonly maxWorkers: number;
  readonly maxQueue: number;
  /** Milliseconds that a cancelled job has to stop; null: as long as it takes. */
  readonly cancelGrace: number | null;
  readonly open: OpenChannel;
}

/**
 * Workers and the jobs that wait for them. Jobs begin in the order in which they were submitted. A worker does one job at a
 * time; a job is sent behind another one only when both are known to be short.
 */
export class Pool {
  readonly options: PoolOptions;
  readonly #workers: Set<PoolWorker> = new Set();
  readonly #streams: Map<number, RemoteStream> = new Map();
  readonly #functions: WeakMap<object, JobFunction> = new WeakMap();
  readonly #mapped: WeakMap<object, JobFunction> = new WeakMap();
  readonly #texts: Map<string, JobFunction> = new Map();
  /** Where each job is. */
  readonly #placed: Map<Job, PoolWorker> = new Map();
  readonly #queue: JobQueue = new JobQueue();
  #functionCount = 0;
  #jobCount = 0;
  #pumping = false;
  #completed = 0;
  #broken = 0;
  #failedStarts = 0;
  #closed = false;
  #emptied: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.options = options;
  }

  /** Takes a job, in the context of the caller. With `each`, `fn` is called for each item of the only argument. */
  submit(fn: (...args: any[]) => unknown, args: readonly unknown[], each = false): Job {
    const loop: EventLoop = getRunningLoop();
    if (this.#closed) throw new RuntimeError(`Cannot submit job: the ${this.options.kind} pool has been shut down`);
    const known = (each ? this.#mapped : this.#functions).get(fn) ?? this.#meet(fn, each);
    const queue = this.#queue;
    const worker = queue.size === 0 ? this.#idle() : undefined;
    if (worker === undefined && queue.size >= this.options.maxQueue)
      throw new QueueFull(
        `Cannot submit job: ${queue.size} jobs wait already, and maxQueue is ${this.options.maxQueue}; wait for one of them`,
      );
    const job = new Job(++this.#jobCount, known, args, copyContext(), loop, this);
    if (worker !== undefined) this.#send(worker, [job]);
    else {
      queue.push(job);
      if (known.short) this.#pumpSoon();
    }
    return job;
  }

  /** Short jobs that are submitted one after the other travel together. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  /** What is known about a function: by itself, and by its text, for one that is written in a loop is a new one each time. */
  #meet(fn: (...args: any[]) => unknown, each: boolean): JobFunction {
    const spec = specOf(fn);
    const key = `${each} ${"source" in spec ? spec.source : `${spec.url} ${spec.name}`}`;
    let met = this.#texts.get(key);
    if (met === undefined) {
      met = new JobFunction(++this.#functionCount, each ? { ...spec, each } : spec);
      if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
      this.#texts.set(key, met);
    }
    (each ? this.#mapped : this.#functions).set(fn, met);
    return met;
  }

  /** A worker without a job, started if need be. */
  #idle(): PoolWorker | undefined {
    for (const worker of this.#workers) if (worker.jobs.size === 0 && !worker.doomed) return worker;
    if (this.#workers.size >= this.options.maxWorkers) return undefined;
    const worker = new PoolWorker(this, this.options.open);
    this.#workers.add(worker);
    return worker;
  }

  /** For short jobs: the worker that has least left, all of it short. */
  #nearlyIdle(): PoolWorker | undefined {
    let found: PoolWorker | undefined;
    for (const worker of this.#workers) {
      if (worker.doomed || worker.long > 0 || worker.jobs.size > LEFT) continue;
      if (found === undefined || worker.jobs.size < found.jobs.size) found = worker;
    }
    return found;
  }

  /** Gives waiting jobs to workers that have room. */
  #pump(): void {
    const queue = this.#queue;
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      const worker = this.#idle() ?? (head.fn.short ? this.#nearlyIdle() : undefined);
      if (worker === undefined) return;
      // Several short ones at a time, but no more than leaves as many to each of the others.
      const most = Math.min(BATCH, Math.ceil(queue.size / this.options.maxWorkers));
      const batch = [queue.shift()!];
      if (head.fn.short) while (batch.length < most && queue.peek()?.fn.short === true) batch.push(queue.shift()!);
      this.#send(worker, batch);
    }
  }

  #send(worker: PoolWorker, jobs: Job[]): void {
    for (const job of jobs) this.#placed.set(job, worker);
    worker.send(jobs);
  }

  /** @internal */
  message(worker: PoolWorker, message: FromWorker): void {
    if ("results" in message) for (const result of message.results) this.#result(worker, result);
    else if ("items" in message) this.#streams.get(message.stream)?.push(message.items);
    else if ("end" in message) this.#streamEnded(worker, message.end, message.error);
    else {
      worker.ready = true;
      this.#failedStarts = 0;
    }
    this.#pump();
    this.#checkEmpty();
  }

  #result(worker: PoolWorker, [id, outcome, value, took]: ResultMessage): void {
    const job = worker.jobs.get(id);
    if (job === undefined) return;
    if (outcome === STREAM) {
      job.state = "streaming";
      const stream = new RemoteStream(worker, job);
      this.#streams.set(id, stream);
      if (job.future.done()) stream.leave();
      else job.future.setResult(stream);
      return;
    }
    job.fn.ran(took);
    this.#over(worker, job);
    this.#completed++;
    if (job.future.done()) return;
    if (outcome === CANCELLED) job.future.cancel(value);
    else if (outcome === ERROR) job.future.setException(reviveError(value as EncodedError));
    else job.future.setResult(value);
  }

  #streamEnded(worker: PoolWorker, id: number, error: EncodedError | undefined): void {
    const job = worker.jobs.get(id);
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    if (job !== undefined) this.#over(worker, job);
    this.#completed++;
    stream?.end(error === undefined ? null : reviveError(error));
  }

  #over(worker: PoolWorker, job: Job): void {
    job.state = "over";
    this.#placed.delete(job);
    worker.finished(job);
  }

  /** @internal */
  refused(job: Job, reason: unknown): void {
    job.state = "over";
    this.#placed.delete(job);
    if (job.future.done()) return;
    job.future.setException(
      new TypeError(`Cannot send the arguments of ${job.name}() to a ${this.options.kind}: ${messageOf(reason)}`, {
        cause: reason,
      }),
    );
  }

  /** @internal The future of a job was cancelled. */
  cancelled(job: Job, message: unknown): void {
    const worker = this.#placed.get(job);
    if (worker === undefined) {
      if (job.state !== "queued") return;
      job.state = "over";
      this.#queue.forget();
      return this.#checkEmpty();
    }
    if (job.state === "over") return;
    worker.tell({ cancel: job.id, message });
    const { cancelGrace } = this.options;
    if (cancelGrace === null) return;
    // Of the host, not of the loop: the loop may end before.
    const timer = setTimeout(() => {
      // Only the first of its jobs runs; one that is behind it stops when its turn comes.
      if (job.state !== "over" && first(worker.jobs) === job) this.#end(worker);
    }, cancelGrace);
    timer.unref();
  }

  #end(worker: PoolWorker): void {
    worker.terminate();
  }

  /** @internal */
  exit(worker: PoolWorker, exit: WorkerExit): void {
    this.#workers.delete(worker);
    if (!this.#closed || worker.jobs.size > 0) this.#broken++;
    if (!worker.ready && ++this.#failedStarts >= FAILED_STARTS) this.#giveUp(exit);
    // It works on the first; the others, which it has not begun, go back to the head of the queue.
    const [running, ...waiting] = worker.jobs.values();
    if (running !== undefined) {
      // What travelled together may have run together.
      this.#over(worker, running);
      this.#fail(running, exit);
    }
    for (const job of waiting) this.#over(worker, job);
    const wanted = waiting.filter((job) => !job.future.done());
    for (const job of wanted) job.state = "queued";
    this.#queue.putBack(wanted);
    this.#pump();
    this.#checkEmpty();
  }

  #fail(job: Job, exit: WorkerExit): void {
    const error = new BrokenWorkerError(
      `Cannot finish ${job.name}(): its ${this.options.kind} ended ${howEnded(exit)}`,
      exit.error === null ? undefined : { cause: exit.error },
    );
    this.#streams.get(job.id)?.end(error);
    this.#streams.delete(job.id);
    if (!job.future.done()) job.future.setException(error);
  }

  #giveUp(exit: WorkerExit): void {
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      job.state = "over";
      this.#fail(job, exit);
    }
  }

  statistics(): PoolStatistics {
    const idle = [...this.#workers].filter((worker) => worker.jobs.size === 0).length;
    return Object.freeze({
      workers: this.#workers.size,
      idle,
      queued: this.#queue.size,
      running: this.#placed.size,
      completed: this.#completed,
      broken: this.#broken,
    });
  }

  /** Takes no more jobs. `done` is called when those that it has are over and its workers have been ended. */
  close(cancelJobs: boolean, done: () => void): void {
    this.#closed = true;
    this.#emptied.push(done);
    if (cancelJobs) {
      const jobs = [...this.#queue, ...this.#placed.keys()];
      for (const job of jobs) job.future.cancel();
    }
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (!this.#closed || this.#queue.size > 0 || this.#placed.size > 0) return;
    for (const worker of this.#workers) if (!worker.doomed) worker.terminate();
    if (this.#workers.size > 0) return;
    for (const done of this.#emptied.splice(0)) done();
  }
}

function first<V>(map: ReadonlyMap<unknown, V>): V | undefined {
  for (const value of map.values()) return value;
  return undefined;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function howEnded({ code, signal, error }: WorkerExit): string {
  if (error !== null) return `by an error: ${messageOf(error)}`;
  return signal === null ? `with exit code ${code}` : `by ${signal}`;
}
