import type { Task } from "../task/task.ts";

/** Tasks that have their place among those of the loop, and are not made yet. */
export interface Unborn {
  before: Node | null;
  after: Node | null;
  /** How many they are. */
  readonly unborn: number;
  /** Makes them: `addExpected` for each. */
  bear(): void;
}

type Node = Task | Unborn;

/**
 * The pending tasks of a loop, in the order of their creation. The tasks are the nodes of the list themselves: a Set
 * costs a fifth of a short task's life.
 */
export class TaskRegistry implements Iterable<Task> {
  #first: Node | null = null;
  #last: Node | null = null;
  size = 0;

  add(task: Task): void {
    this.#link(task);
    this.size++;
  }

  /** To be called once for each task that was added. */
  delete(task: Task): void {
    this.unlink(task);
    this.size--;
  }

  /** Tasks that count already. */
  expect(unborn: Unborn): void {
    this.#link(unborn);
    this.size += unborn.unborn;
  }

  /** One of them is there: it stands in front of those that are not. */
  addExpected(unborn: Unborn, task: Task): void {
    const { before } = unborn;
    task.before = before;
    task.after = unborn;
    if (before === null) this.#first = task;
    else before.after = task;
    unborn.before = task;
  }

  /** All of them are there. */
  unlink(node: Node): void {
    const { before, after } = node;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    node.before = node.after = null;
  }

  #link(node: Node): void {
    const last = this.#last;
    node.before = last;
    if (last === null) this.#first = node;
    else last.after = node;
    this.#last = node;
  }

  *[Symbol.iterator](): Generator<Task, void, undefined> {
    for (let node = this.#first; node !== null; node = node.after) if ("bear" in node) node.bear();
    for (let node = this.#first; node !== null; node = node.after) if (!("bear" in node)) yield node;
  }
}
