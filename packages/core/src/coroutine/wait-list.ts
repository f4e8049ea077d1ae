import { Wait } from "./wait.ts";

/** A wait that stands in line: its own node in the list of those that wait for the same thing. */
export abstract class WaitInLine<T> extends Wait<T> {
  /** @internal */ before: WaitInLine<any> | null = null;
  /** @internal */ after: WaitInLine<any> | null = null;

  // See `Wait`.
  // oxlint-disable-next-line no-useless-constructor
  constructor() {
    super();
  }
}

/** Waits in the order in which they came; adding and removing are O(1). */
export class WaitList {
  first: WaitInLine<any> | null = null;
  last: WaitInLine<any> | null = null;
  size = 0;

  add(wait: WaitInLine<any>): void {
    const { last } = this;
    wait.before = last;
    if (last === null) this.first = wait;
    else last.after = wait;
    this.last = wait;
    this.size++;
  }

  remove(wait: WaitInLine<any>): void {
    const { before, after } = wait;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    wait.before = wait.after = null;
    this.size--;
  }
}
