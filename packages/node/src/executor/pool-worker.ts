import type { Transferable } from "node:worker_threads";
import type { Channel, OpenChannel, WorkerExit } from "./channel.ts";
import type { Job, JobFunction } from "./job.ts";
import { canClone } from "./cloneable.ts";
import type { FromWorker, FunctionSpec, JobMessage, ToWorker } from "./messages.ts";

/** What a worker tells its pool. */
export interface PoolWorkerOwner {
  message(worker: PoolWorker, message: FromWorker): void;
  exit(worker: PoolWorker, exit: WorkerExit): void;
  /** A job that could not be sent. */
  refused(job: Job, reason: unknown): void;
}

/** A worker as its pool sees it: what it was sent and has not finished, in order. It works on the first. */
export class PoolWorker {
  readonly channel: Channel;
  readonly jobs: Map<number, Job> = new Map();
  /** How many of them may take long. */
  long = 0;
  /** Whether it has come up. */
  ready = false;
  /** Whether it is being ended: it gets nothing more. */
  doomed = false;
  readonly #owner: PoolWorkerOwner;
  readonly #functions: Set<JobFunction> = new Set();

  constructor(owner: PoolWorkerOwner, open: OpenChannel) {
    this.#owner = owner;
    this.channel = open({
      message: (message) => owner.message(this, message),
      exit: (exit) => owner.exit(this, exit),
    });
    this.channel.hold(false);
  }

  /** Sends jobs, in this order. Those whose arguments cannot be cloned are refused, each for itself. */
  send(jobs: readonly Job[]): void {
    if (this.jobs.size === 0) this.channel.hold(true);
    for (const job of jobs) {
      job.state = "sent";
      job.short = job.fn.short;
      if (!job.short) this.long++;
      this.jobs.set(job.id, job);
    }
    try {
      this.#post(jobs);
    } catch (reason) {
      if (jobs.length > 1) for (const job of jobs) this.#sendOne(job, reason);
      else this.#sendOne(jobs[0], reason);
    }
  }

  #sendOne(job: Job, reason: unknown): void {
    try {
      this.#post([job]);
    } catch {
      try {
        // What of the context cannot be cloned stays behind; the job does not fail for it.
        this.#post(
          [job],
          job.context?.filter(([, value]) => canClone(value)),
        );
      } catch {
        this.finished(job);
        this.#owner.refused(job, reason);
      }
    }
  }

  #post(jobs: readonly Job[], context?: Job["context"]): void {
    const messages: JobMessage[] = [];
    let functions: [number, FunctionSpec][] | undefined;
    const added: JobFunction[] = [];
    const transfer: Transferable[] = [];
    for (const job of jobs) {
      const { fn } = job;
      if (!this.#functions.has(fn) && !added.includes(fn)) {
        (functions ??= []).push([fn.number, fn.spec]);
        added.push(fn);
      }
      const carried = context ?? job.context;
      messages.push(carried === undefined ? [job.id, fn.number, job.args] : [job.id, fn.number, job.args, carried]);
      if (job.transfer.length > 0) transfer.push(...job.transfer);
    }
    this.channel.post(functions === undefined ? { jobs: messages } : { jobs: messages, functions }, transfer);
    for (const fn of added) this.#functions.add(fn);
  }

  tell(message: ToWorker): void {
    this.channel.post(message, []);
  }

  /** The job is no longer with it. */
  finished(job: Job): void {
    if (!this.jobs.delete(job.id)) return;
    if (!job.short) this.long--;
    if (this.jobs.size === 0) this.channel.hold(false);
  }

  /** Ends it; somebody may wait for its end. */
  terminate(): void {
    this.doomed = true;
    this.channel.hold(true);
    this.channel.terminate();
  }
}
