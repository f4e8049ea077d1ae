import type { Transferable } from "node:worker_threads";
import { reviveError } from "./revive-error.ts";
import { type Channel, type OpenChannel, type WorkerExit } from "./channel.ts";
import type { Job, JobFunction } from "./job.ts";
import type { FromWorker, FunctionSpec, JobMessage, ToWorker } from "./messages.ts";
import { isBefore } from "./progress.ts";

/** What a worker tells its pool. */
export interface PoolWorkerOwner {
  message(worker: PoolWorker, message: FromWorker): void;
  exit(worker: PoolWorker, exit: WorkerExit): void;
  /** A job that could not be sent. */
  refused(job: Job, reason: unknown): void;
}

/** Milliseconds that a worker that is asked to end may take. */
const LAST_WORDS = 500;

/**
 * A worker as its pool sees it: what it was sent and has not finished, in order. It works on the first.
 *
 * | state | it | left by |
 * |---|---|---|
 * | starting | loads its program | its first message → ready |
 * | ready | takes jobs | end(), terminate() → ending |
 * | ending | gets nothing more | its exit |
 */
export class PoolWorker {
  readonly jobs: Map<number, Job> = new Map();
  state: "starting" | "ready" | "ending" = "starting";
  /** Milliseconds that its jobs are expected to take. */
  expected = 0;
  /** Whether nothing has come from it since this was last set. */
  silent = false;
  /** What it was ended for, as the end of a sentence; null when it ended by itself or was not needed any more. */
  endedFor: string | null = null;
  readonly #owner: PoolWorkerOwner;
  readonly #channel: Channel;
  readonly #functions: Set<JobFunction> = new Set();
  /** How many jobs it was sent. */
  #sent = 0;
  /** What nobody caught in it. */
  #fatal: unknown = null;
  #holds = 0;
  #lastWords: NodeJS.Timeout | undefined = undefined;

  /** @throws what keeps a worker from being started, in so far as that shows at once. */
  constructor(owner: PoolWorkerOwner, open: OpenChannel) {
    this.#owner = owner;
    this.#channel = open({
      message: (message) => this.#heard(message),
      exit: (exit) => {
        clearTimeout(this.#lastWords);
        owner.exit(this, this.#fatal === null ? exit : { ...exit, error: this.#fatal });
        this.#channel.progress?.close();
      },
    });
    this.hold();
  }

  #heard(message: FromWorker): void {
    this.silent = false;
    if ("fatal" in message) {
      this.#fatal = reviveError(message.fatal);
      return;
    }
    if ("ready" in message && this.state === "starting") {
      this.state = "ready";
      this.release();
    }
    this.#owner.message(this, message);
  }

  /** Sends jobs, in this order. Those whose arguments cannot be cloned are refused, each for itself. */
  send(jobs: readonly Job[]): void {
    if (this.jobs.size === 0) this.silent = false;
    for (const job of jobs) {
      job.state = "sent";
      // Nothing is sent behind a job that travels alone: it would be taken back together with it.
      job.expected = job.alone ? Infinity : job.fn.expected;
      this.expected += job.expected;
      this.jobs.set(job.id, job);
      this.hold();
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
        job.leaveContext(this.#channel.canCarry);
        this.#post([job]);
      } catch {
        this.finished(job);
        this.#owner.refused(job, reason);
      }
    }
  }

  #post(jobs: readonly Job[]): void {
    const messages: JobMessage[] = [];
    let functions: [number, FunctionSpec][] | undefined;
    const added: JobFunction[] = [];
    const transfer: Transferable[] = [];
    const first = this.#sent;
    for (const job of jobs) {
      const { fn, context } = job;
      if (!this.#functions.has(fn) && !added.includes(fn)) {
        (functions ??= []).push([fn.number, fn.spec]);
        added.push(fn);
      }
      job.place = (first + messages.length) | 0;
      messages.push(context === undefined ? [job.id, fn.number, job.args] : [job.id, fn.number, job.args, context]);
      if (job.transfer.length > 0) transfer.push(...job.transfer);
    }
    if (transfer.some(isDetached)) throw new TypeError("an ArrayBuffer that is to be moved has been moved already");
    const batch = { jobs: messages, first };
    this.#channel.post(functions === undefined ? batch : { ...batch, functions }, transfer);
    this.#sent = (this.#sent + jobs.length) | 0;
    for (const fn of added) this.#functions.add(fn);
  }

  tell(message: ToWorker): void {
    this.#channel.post(message, []);
  }

  /** The job is no longer with it. */
  finished(job: Job): void {
    if (!this.jobs.delete(job.id)) return;
    if (job.state !== "streaming") this.release();
    this.expected = this.jobs.size === 0 ? 0 : this.expected - job.expected;
  }

  /** Whether it is told what it has begun, and what it has not can be taken back from it. */
  get counts(): boolean {
    return this.#channel.progress !== null;
  }

  /** Takes back what it has not begun and now never will. */
  takeBack(): Job[] {
    if (this.jobs.size === 0) return [];
    this.#channel.progress?.recall(this.#sent);
    const back = this.untouched();
    for (const job of back) this.finished(job);
    return back;
  }

  /** What it has not begun; what has certainly not been begun of the jobs that it leaves at its end. */
  untouched(): Job[] {
    const { progress } = this.#channel;
    if (progress === null) return [];
    const begun = progress.begun();
    return [...this.jobs.values()].filter((job) => !isBefore(job.place, begun));
  }

  /** Whether it works on this job. */
  worksOn(job: Job): boolean {
    const { progress } = this.#channel;
    return progress === null || progress.begun() === ((job.place + 1) | 0);
  }

  /** Somebody waits for something of it: until `release()` it keeps the process alive. */
  hold(): void {
    if (this.#holds++ === 0) this.#channel.hold(true);
  }

  release(): void {
    if (--this.#holds === 0) this.#channel.hold(false);
  }

  /** Lets it end by itself. */
  end(): void {
    if (this.state === "starting") return this.terminate(null);
    this.state = "ending";
    this.hold();
    this.tell({ end: true });
    this.#lastWords = setTimeout(() => this.#channel.terminate(), LAST_WORDS).unref();
  }

  /** Ends it at once. */
  terminate(reason: string | null): void {
    this.state = "ending";
    this.endedFor ??= reason;
    this.hold();
    this.#channel.terminate();
  }
}

/** Node 20 sends what is detached, and the worker fails to read it. */
function isDetached(memory: unknown): boolean {
  if (!(memory instanceof ArrayBuffer) || memory.byteLength > 0) return false;
  try {
    return new Uint8Array(memory).length > 0;
  } catch {
    return true;
  }
}
