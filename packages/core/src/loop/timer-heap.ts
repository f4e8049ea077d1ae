import type { Callback } from "./ready-queue.ts";

/** A callback with a deadline. `dead` entries (cancelled ones) stay in the heap until they reach the top or are swept. */
export interface TimerEntry extends Callback {
  /** @internal */ readonly dead: boolean;
}

const INITIAL_CAPACITY = 256;
const SWEEP_ABOVE = 100;

/**
 * Timers by deadline, four children to a node; equal deadlines leave in the order in which they came.
 * Deadlines and arrival numbers are unboxed beside the entries. Cancelling is lazy: a dead entry costs nothing until
 * more than half of a heap of over 100 is dead, when all dead ones are swept (asyncio's figures).
 */
export class TimerHeap {
  #deadlines = new Float64Array(INITIAL_CAPACITY);
  #arrivals = new Float64Array(INITIAL_CAPACITY);
  #entries: TimerEntry[] = [];
  #arrived = 0;
  /** At most so many are dead: one that dies on its way from here to the ready queue is counted too. */
  #dead = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** How many of them are not dead. */
  get live(): number {
    let live = 0;
    for (const entry of this.#entries) if (!entry.dead) live++;
    return live;
  }

  /** The earliest deadline; Infinity when there is none. */
  get earliest(): number {
    return this.#entries.length === 0 ? Infinity : this.#deadlines[0];
  }

  push(deadline: number, entry: TimerEntry): void {
    const at = this.#entries.length;
    if (at === this.#deadlines.length) this.#grow();
    this.#entries.push(entry);
    this.#rise(at, deadline, this.#arrived++, entry);
  }

  /** Takes the entry with the earliest deadline. The heap must not be empty. */
  pop(): TimerEntry {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop() as TimerEntry;
    const size = entries.length;
    if (size > 0) this.#sink(0, this.#deadlines[size], this.#arrivals[size], last);
    if (top.dead && this.#dead > 0) this.#dead--;
    return top;
  }

  /** To be called once for each entry that died before it fired. */
  died(): void {
    this.#dead++;
  }

  /** Removes dead entries: all when they are the majority, otherwise those at the top. */
  sweep(): void {
    const entries = this.#entries;
    if (this.#dead === 0) return;
    if (entries.length > SWEEP_ABOVE && this.#dead * 2 > entries.length) this.#rebuild();
    else while (entries.length > 0 && entries[0].dead) this.pop();
  }

  clear(): void {
    this.#entries = [];
    this.#dead = 0;
  }

  #rebuild(): void {
    const entries = this.#entries;
    let kept = 0;
    for (let i = 0; i < entries.length; i++) {
      if (entries[i].dead) continue;
      entries[kept] = entries[i];
      this.#deadlines[kept] = this.#deadlines[i];
      this.#arrivals[kept] = this.#arrivals[i];
      kept++;
    }
    entries.length = kept;
    this.#dead = 0;
    for (let i = (kept - 2) >> 2; i >= 0; i--) this.#sink(i, this.#deadlines[i], this.#arrivals[i], entries[i]);
  }

  #rise(at: number, deadline: number, arrival: number, entry: TimerEntry): void {
    const deadlines = this.#deadlines;
    const arrivals = this.#arrivals;
    const entries = this.#entries;
    // A newcomer has the highest arrival number: among equal deadlines it never rises.
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (deadlines[parent] <= deadline) break;
      deadlines[at] = deadlines[parent];
      arrivals[at] = arrivals[parent];
      entries[at] = entries[parent];
      at = parent;
    }
    deadlines[at] = deadline;
    arrivals[at] = arrival;
    entries[at] = entry;
  }

  #sink(at: number, deadline: number, arrival: number, entry: TimerEntry): void {
    const deadlines = this.#deadlines;
    const arrivals = this.#arrivals;
    const entries = this.#entries;
    const size = entries.length;
    for (;;) {
      let child = at * 4 + 1;
      if (child >= size) break;
      const end = child + 4 < size ? child + 4 : size;
      for (let k = child + 1; k < end; k++) {
        if (deadlines[k] < deadlines[child] || (deadlines[k] === deadlines[child] && arrivals[k] < arrivals[child]))
          child = k;
      }
      if (deadlines[child] > deadline || (deadlines[child] === deadline && arrivals[child] > arrival)) break;
      deadlines[at] = deadlines[child];
      arrivals[at] = arrivals[child];
      entries[at] = entries[child];
      at = child;
    }
    deadlines[at] = deadline;
    arrivals[at] = arrival;
    entries[at] = entry;
  }

  #grow(): void {
    const deadlines = new Float64Array(this.#deadlines.length * 2);
    const arrivals = new Float64Array(this.#arrivals.length * 2);
    deadlines.set(this.#deadlines);
    arrivals.set(this.#arrivals);
    this.#deadlines = deadlines;
    this.#arrivals = arrivals;
  }
}
