import type { Job } from "./job.ts";

/** Jobs that wait, first in, first out. A job that was cancelled stays in its place and is passed over. */
export class JobQueue {
  #jobs: Job[] = [];
  #head = 0;
  /** How many of them are still wanted. */
  size = 0;

  push(job: Job): void {
    this.#jobs.push(job);
    this.size++;
  }

  /** Jobs that had been taken, at the head again. */
  putBack(jobs: readonly Job[]): void {
    this.#jobs = [...jobs, ...this.#jobs.slice(this.#head)];
    this.#head = 0;
    this.size += jobs.length;
  }

  /** One of the jobs is wanted no more. */
  forget(): void {
    if (--this.size === 0) this.#clear();
  }

  /** The first; undefined when none waits. */
  peek(): Job | undefined {
    const jobs = this.#jobs;
    while (this.#head < jobs.length && jobs[this.#head].state !== "queued") this.#head++;
    return jobs[this.#head];
  }

  shift(): Job | undefined {
    const job = this.peek();
    if (job === undefined) return undefined;
    this.#head++;
    if (--this.size === 0) this.#clear();
    else if (this.#head > 1024 && this.#head * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }

  *[Symbol.iterator](): Generator<Job> {
    for (let i = this.#head; i < this.#jobs.length; i++) if (this.#jobs[i].state === "queued") yield this.#jobs[i];
  }

  #clear(): void {
    this.#jobs = [];
    this.#head = 0;
  }
}
