import type { Wait } from "./wait.ts";

/** Waits in the order in which they came; adding and removing are O(1). */
export class WaitList {
  first: Wait<any> | null = null;
  last: Wait<any> | null = null;
  size = 0;

  add(wait: Wait<any>): void {
    const { last } = this;
    wait.previous = last;
    wait.next = null;
    if (last === null) this.first = wait;
    else last.next = wait;
    this.last = wait;
    this.size++;
  }

  remove(wait: Wait<any>): void {
    const { previous, next } = wait;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    wait.previous = wait.next = null;
    this.size--;
  }
}
