import type { Task } from "../task/task.ts";

/** What the loop runs: a woken task, a handle, an internal callback. Each is its own queue entry. */
export interface Callback {
  /** @internal Itself when it is a task. A tag on the prototype: looking for the class costs observers 3 ns a step. */
  readonly asTask?: Task;
  /** @internal */ fire(): void;
}

const INITIAL_CAPACITY = 1024;

/** The callbacks that are ready, first in first out: a ring that doubles when it is full. */
export class ReadyQueue {
  #buffer: (Callback | undefined)[] = new Array<Callback | undefined>(INITIAL_CAPACITY).fill(undefined);
  #mask: number = INITIAL_CAPACITY - 1;
  #head = 0;
  #tail = 0;

  get length(): number {
    return (this.#tail - this.#head) & this.#mask;
  }

  push(callback: Callback): void {
    const tail = this.#tail;
    this.#buffer[tail] = callback;
    const next = (tail + 1) & this.#mask;
    this.#tail = next;
    if (next === this.#head) this.#grow();
  }

  /** Takes the first callback. The queue must not be empty. */
  shift(): Callback {
    const head = this.#head;
    const callback = this.#buffer[head] as Callback;
    this.#buffer[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    return callback;
  }

  clear(): void {
    this.#buffer = new Array<Callback | undefined>(INITIAL_CAPACITY).fill(undefined);
    this.#mask = INITIAL_CAPACITY - 1;
    this.#head = this.#tail = 0;
  }

  #grow(): void {
    const { length } = this.#buffer;
    // Holes instead of a filling: the memory must be touched once at most.
    const larger = new Array<Callback | undefined>(length * 2);
    for (let i = 0; i < length; i++) larger[i] = this.#buffer[(this.#head + i) & this.#mask];
    this.#buffer = larger;
    this.#head = 0;
    this.#tail = length;
    this.#mask = length * 2 - 1;
  }
}
