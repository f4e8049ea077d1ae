import { Wait } from "./wait.ts";

/** A wait that stands in line: its own node in the list of those that wait for the same thing. */
export abstract class WaitInLine<T> extends Wait<T> {
  /** @internal */ previous: WaitInLine<any> | null = null;
  /** @internal */ next: WaitInLine<any> | null = null;

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
    wait.previous = last;
    if (last === null) this.first = wait;
    else last.next = wait;
    this.last = wait;
    this.size++;
  }

  remove(wait: WaitInLine<any>): void {
    const { previous, next } = wait;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    wait.previous = wait.next = null;
    this.size--;
  }
}
