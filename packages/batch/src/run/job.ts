import { Event, type Task } from "tsyncio";
import type { ItemId } from "../input/item-id.ts";
import type { BatchRequest } from "../request/batch-request.ts";
import type { Attempt } from "./attempt.ts";

/** An item that has a request, and no result yet. */
export interface Job {
  readonly id: ItemId;
  readonly line: number;
  /** Among the results, where they stand in the order of the input. */
  readonly position: number;
  readonly request: BatchRequest;
  /** How often it was sent, and how often of these the server only wanted it slower. */
  sent: number;
  limited: number;
  /** While it is on the wire: then it is waited for when the batch is stopped. */
  attempt: Attempt | null;
  task: Task<void> | null;
}

/** The jobs that are under way. Their number is bounded, and with it the memory. */
export class Jobs {
  readonly #jobs: Set<Job> = new Set();
  readonly #left: Event = new Event();

  get size(): number {
    return this.#jobs.size;
  }

  /** How many of them are on the wire. */
  get sending(): number {
    let count = 0;
    for (const { attempt } of this.#jobs) if (attempt !== null) count++;
    return count;
  }

  add(job: Job): void {
    this.#jobs.add(job);
  }

  delete(job: Job): void {
    this.#jobs.delete(job);
    this.#left.set();
  }

  /** Waits until there are fewer than `most()`. */
  *room(most: () => number): Generator<unknown, void, any> {
    while (this.#jobs.size >= most()) {
      this.#left.clear();
      yield* this.#left.wait();
    }
  }

  /** Cancels those that are not on the wire. */
  cancelWaiting(): void {
    for (const { attempt, task } of this.#jobs) if (attempt === null) task?.cancel();
  }

  /** Gives back what is held by those whose task was cancelled before its first step. */
  abandon(): void {
    for (const { attempt } of this.#jobs) attempt?.abandon();
    this.#jobs.clear();
  }
}
