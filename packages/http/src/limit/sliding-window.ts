/** What was used within a short time. */
export interface Cell {
  readonly since: number;
  /** Of the last use in it, from which the whole of it is counted. */
  until: number;
  amount: number;
  /** It has left the window. */
  gone: boolean;
  next: Cell | null;
}

const CELLS = 1024;

/**
 * Never more than `limit` in any time of the length `span`. What is used within a 1024th of the span is counted
 * together, as if all of it were of the last moment: so the memory does not grow with the limit.
 */
export class SlidingWindow {
  readonly #limit: number;
  readonly #span: number;
  /** What a sum of fractions may be off. */
  readonly #rounding: number;
  #first: Cell | null = null;
  #last: Cell | null = null;
  #used = 0;

  constructor(limit: number, span: number) {
    this.#limit = limit;
    this.#span = span;
    this.#rounding = limit * 1e-9;
  }

  /** What is used of the window that ends now. More than the limit when somebody has used more than was known. */
  used(now: number): number {
    while (this.#first !== null && this.#first.until + this.#span <= now) this.#leave(this.#first);
    return this.#used;
  }

  /** When `amount`, which is at most the limit, will have room. */
  readyAt(amount: number, now: number): number {
    let tooMuch = this.used(now) + amount - this.#limit;
    let when = -Infinity;
    for (let cell = this.#first; cell !== null && tooMuch > this.#rounding; cell = cell.next) {
      tooMuch -= cell.amount;
      when = cell.until + this.#span;
    }
    return when;
  }

  take(amount: number, now: number): Cell {
    this.used(now);
    let cell = this.#last;
    if (cell === null || now - cell.since >= this.#span / CELLS) {
      cell = { since: now, until: now, amount: 0, gone: false, next: null };
      if (this.#last === null) this.#first = cell;
      else this.#last.next = cell;
      this.#last = cell;
    }
    cell.until = now;
    cell.amount += amount;
    this.#used += amount;
    return cell;
  }

  giveBack(amount: number, cell: Cell): void {
    if (cell.gone) return;
    cell.amount -= amount;
    this.#used -= amount;
  }

  #leave(cell: Cell): void {
    cell.gone = true;
    this.#first = cell.next;
    this.#used -= cell.amount;
    if (cell.next === null) {
      this.#last = null;
      this.#used = 0;
    }
  }
}
