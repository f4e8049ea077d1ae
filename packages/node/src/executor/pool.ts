import { QueueFull, RuntimeError, copyContext, getRunningLoop } from "tsyncio";
import { BrokenWorkerError } from "../errors.ts";
import { type OpenChannel, type WorkerExit, howEnded, messageOf } from "./channel.ts";
import type { Encoded } from "./encode-error.ts";
import { reviveError } from "./revive-error.ts";
import { FunctionTable } from "./function-table.ts";
import { Job, type JobFunction } from "./job.ts";
import { JobQueue } from "./job-queue.ts";
import { CANCELLED, ERROR, type FromWorker, RETURNED, type ResultMessage, STREAM } from "./messages.ts";
import type { PoolStatistics } from "./pool-statistics.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { StreamTable } from "./stream-table.ts";
import { AHEAD, WorkerSet } from "./worker-set.ts";

/** Jobs that travel together, at most. */
const BATCH = 64;
/** Milliseconds after which a worker that says nothing is found to be stuck: once to twice as many. */
const STUCK = 25;

/** Workers that may end with a job before they begin any, until it fails. */
const MOST_DEATHS = 3;

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

type AnyFunction = (...args: any[]) => unknown;

/**
 * Workers and the jobs that wait for them. Jobs begin in the order in which they were submitted. A worker does one job at a
 * time; a job is sent behind another one only when both are known to be short.
 */
export class Pool {
  readonly options: PoolOptions;
  readonly unsendable: WeakSet<object> = new WeakSet();
  readonly #workers: WorkerSet;
  readonly #streams: StreamTable;
  readonly #functions: FunctionTable = new FunctionTable();
  /** Where each job is. */
  readonly #placed: Map<Job, PoolWorker> = new Map();
  readonly #queue: JobQueue = new JobQueue();
  #jobCount = 0;
  #pumping = false;
  #watching = false;
  #completed = 0;
  #broken = 0;
  #closed = false;
  #emptied: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.options = options;
    this.#workers = new WorkerSet(this, options.maxWorkers, options.open);
    this.#streams = new StreamTable(options.kind, this);
  }

  /**
   * What is known about a function; with `each` it is called for each item of its only argument.
   *
   * @throws {TypeError} for one that cannot reach a worker, {RuntimeError} when the pool is closed
   */
  meet(fn: AnyFunction, each: boolean): JobFunction {
    const known = this.#functions.get(fn, each);
    if (this.#closed) throw new RuntimeError(`Cannot submit job: the ${this.options.kind} pool has been shut down`);
    return known;
  }

  /** Takes a job, in the context of the caller, if there is room for it. */
  submit(fn: AnyFunction, args: readonly unknown[]): Job {
    const known = this.meet(fn, false);
    this.#checkRoom();
    return this.#take(known, args);
  }

  /** Takes a job that calls `fn` for each item. Whoever calls this has a limit of its own. */
  submitEach(fn: AnyFunction, items: readonly unknown[]): Job {
    return this.#take(this.meet(fn, true), [items]);
  }

  #checkRoom(): void {
    const { maxQueue } = this.options;
    if (maxQueue === Infinity) return;
    // Those for whom there is a worker, though it may have to start, do not wait.
    const waiting = this.#queue.size - this.#workers.free;
    if (waiting < 0 || waiting < maxQueue) return;
    throw new QueueFull(
      `Cannot submit job: ${waiting} jobs wait already, and maxQueue is ${maxQueue}; wait for one of them`,
    );
  }

  #take(known: JobFunction, args: readonly unknown[]): Job {
    const job = new Job(++this.#jobCount, known, args, copyContext(), getRunningLoop(), this);
    const worker = this.#queue.size === 0 ? this.#workers.idle() : undefined;
    if (worker !== undefined) this.#send(worker, [job]);
    else {
      this.#queue.push(job);
      this.#grow();
      this.#pumpSoon();
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

  /** Gives waiting jobs to workers that have room. */
  #pump(): void {
    const queue = this.#queue;
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      const worker = this.#workers.idle() ?? (head.alone ? undefined : this.#workers.nearlyIdle(head));
      if (worker === undefined) break;
      // Several short ones at a time, but no more than leaves as many to each of the others.
      const most = head.alone || !worker.counts ? 1 : Math.min(BATCH, Math.ceil(queue.size / this.options.maxWorkers));
      const batch = [queue.shift()!];
      let ahead = worker.expected + head.fn.expected;
      for (let next = queue.peek(); batch.length < most && next?.alone === false; next = queue.peek()) {
        ahead += next.fn.expected;
        if (ahead > AHEAD) break;
        batch.push(queue.shift()!);
      }
      this.#send(worker, batch);
    }
    this.#grow();
    this.#checkEmpty();
  }

  #send(worker: PoolWorker, jobs: Job[]): void {
    for (const job of jobs) this.#placed.set(job, worker);
    worker.send(jobs);
    if (worker.jobs.size > 1) this.#watch();
  }

  #grow(): void {
    const none = this.#workers.grow(this.#queue.size);
    if (none !== null) this.#giveUp(none);
  }

  #giveUp(exit: WorkerExit): void {
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      job.state = "over";
      this.#fail(
        job,
        `Cannot run ${job.name}(): no ${this.options.kind} could be started: one ${howEnded(exit)}`,
        exit,
      );
    }
  }

  /** While several jobs are with one worker: one that takes long must not keep the others. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    setTimeout(() => {
      this.#watching = false;
      for (const worker of this.#workers) {
        if (worker.jobs.size < 2 || worker.state !== "ready") continue;
        if (worker.silent) this.#takeBack(worker);
        worker.silent = true;
        this.#watch();
      }
      this.#pump();
    }, STUCK).unref();
  }

  /** What a worker has not begun goes back to the head of the queue. */
  #takeBack(worker: PoolWorker): void {
    this.#putBack(worker.takeBack());
  }

  #putBack(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#placed.delete(job);
      job.state = job.future?.done() === true ? "over" : "queued";
    }
    this.#queue.putBack(jobs.filter((job) => job.state === "queued"));
  }

  /** @internal */
  message(worker: PoolWorker, message: FromWorker): void {
    if ("results" in message) for (const result of message.results) this.#result(worker, result);
    else if ("items" in message) this.#streams.items(message.stream, message.items);
    else if ("end" in message) {
      const job = worker.jobs.get(message.end);
      if (job !== undefined) this.#over(worker, job);
      this.#completed++;
      this.#streams.end(message.end, message.error);
    } else this.#workers.started();
    this.#pump();
  }

  #result(worker: PoolWorker, [id, outcome, value, took]: ResultMessage): void {
    const job = worker.jobs.get(id);
    if (job === undefined) return;
    if (outcome === STREAM) return this.#streams.begin(worker, job);
    if (outcome === RETURNED) {
      // It may have been sent there once more since.
      if (value !== job.place) return;
      worker.finished(job);
      return this.#putBack([job]);
    }
    this.#over(worker, job);
    if (outcome !== CANCELLED) {
      job.fn.ran(took);
      this.#completed++;
    }
    if (!job.wanted) return;
    if (outcome === CANCELLED) job.future?.cancel(value);
    else if (outcome === ERROR) job.future?.fail(reviveError(value as Encoded));
    else job.future?.setResult(value);
  }

  #over(worker: PoolWorker, job: Job): void {
    worker.finished(job);
    job.state = "over";
    this.#placed.delete(job);
  }

  /** @internal */
  refused(job: Job, cause: unknown): void {
    job.state = "over";
    this.#placed.delete(job);
    if (!job.wanted) return;
    const { kind } = this.options;
    const reason = messageOf(cause);
    const shared = kind === "process" && reason.includes("SharedArrayBuffer");
    const hint = shared ? "; threads share memory, processes do not: use a ThreadPoolExecutor" : "";
    const message = `Cannot send the arguments of ${job.name}() to a ${kind}: ${reason}${hint}`;
    job.future?.setException(new TypeError(message, { cause }));
  }

  /** @internal The future of a job was cancelled. */
  cancelled(job: Job, message: unknown): void {
    const worker = this.#placed.get(job);
    if (worker === undefined) {
      if (job.state !== "queued") return;
      job.state = "over";
      this.#queue.forget();
    } else if (job.state === "sent") {
      this.#takeBack(worker);
      if (this.#placed.has(job)) {
        worker.tell(message === undefined ? { cancel: job.id } : { cancel: job.id, message: String(message) });
        this.#endIfItStays(job, worker, "did not stop when it was cancelled");
      }
    }
    this.#pumpSoon();
  }

  /** @internal */
  streamUnwanted(job: Job): void {
    this.#streams.forget(job.id);
  }

  /** @internal The consumer of a job's stream has left it. */
  left(job: Job, worker: PoolWorker): void {
    this.#endIfItStays(job, worker, "did not stop when its stream was left");
  }

  #endIfItStays(job: Job, worker: PoolWorker, why: string): void {
    const { cancelGrace } = this.options;
    if (cancelGrace === null) return;
    // Of the host, not of the loop: the loop may end before.
    const timer = setTimeout(() => {
      if (this.#placed.get(job) !== worker || worker.state === "ending") return;
      // Behind another one it stops when its turn comes.
      if (!worker.worksOn(job)) return this.#endIfItStays(job, worker, why);
      job.fn.hung();
      this.#takeBack(worker);
      this.#workers.terminate(worker, `because ${job.name}() ${why}`);
      this.#pump();
    }, cancelGrace);
    timer.unref();
  }

  /** @internal */
  exit(worker: PoolWorker, exit: WorkerExit): void {
    if (worker.state !== "ending" || worker.endedFor !== null) this.#broken++;
    if (this.#workers.ended(worker)) this.#giveUp(exit);
    const how = worker.endedFor === null ? howEnded(exit) : `was ended ${worker.endedFor}`;
    const { kind } = this.options;
    // No job can tell of it, and Node, which would print it, does so for processes only.
    if (exit.error !== null && worker.state === "ready" && worker.jobs.size === 0 && kind === "thread")
      console.error("tsyncio: a thread without a job ended by an error that nobody caught", exit.error);
    const untouched = new Set(worker.untouched());
    // It may be that it could not even read what it was sent.
    if (untouched.size === worker.jobs.size) for (const job of untouched) job.deaths++;
    for (const job of worker.jobs.values()) {
      // What was moved to it is gone with it; what no worker survives is not to end them all.
      if (untouched.has(job) && job.transfer.length === 0 && job.deaths < MOST_DEATHS) continue;
      this.#over(worker, job);
      this.#fail(job, `Cannot finish ${job.name}(): its ${kind} ${how}`, exit);
    }
    this.#putBack([...worker.jobs.values()]);
    this.#pump();
  }

  #fail(job: Job, message: string, { error: cause }: WorkerExit): void {
    const error = new BrokenWorkerError(message, cause === null ? undefined : { cause });
    this.#streams.broken(job.id, error);
    if (job.wanted) job.future?.setException(error);
  }

  statistics(): PoolStatistics {
    const idle = [...this.#workers].filter((worker) => worker.state === "ready" && worker.jobs.size === 0).length;
    return Object.freeze({
      workers: this.#workers.size,
      idle,
      queued: this.#queue.size,
      running: this.#placed.size,
      completed: this.#completed,
      broken: this.#broken,
    });
  }

  /** Takes no more jobs. `done` is called when those that it has are over and its workers have ended. */
  close(cancelJobs: boolean, done: () => void): void {
    this.#closed = true;
    this.#emptied.push(done);
    this.#streams.close(cancelJobs);
    if (cancelJobs) for (const job of [...this.#queue, ...this.#placed.keys()]) job.future?.cancel();
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (!this.#closed || this.#queue.size > 0 || this.#placed.size > 0) return;
    for (const worker of this.#workers) this.#workers.end(worker);
    if (this.#workers.size > 0) return;
    for (const done of this.#emptied.splice(0)) done();
  }
}
