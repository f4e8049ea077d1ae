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
 *
 * | the task | before | after |
 * |---|---|---|
 * | is in the list | its neighbour, or null | its neighbour, or null |
 * | is in its first step, begun by its maker | the one that was begun before, or null | itself |
 * | is in its first step, one that was expected | itself | itself |
 *
 * Most that begin so end in that step, and never need a place in the list.
 */
export class TaskRegistry implements Iterable<Task> {
  #first: Node | null = null;
  #last: Node | null = null;
  /** The tasks that are in a first step, begun by their makers; the newest, which leads to the others. */
  #begun: Task | null = null;
  size = 0;

  add(task: Task): void {
    this.#link(task);
    this.size++;
  }

  /** To be called once for each task that was added. */
  delete(task: Task): void {
    this.size--;
    if (task.after !== task) return this.unlink(task);
    if (task.before !== task) this.#begun = task.before as Task | null;
    task.before = task.after = null;
  }

  /** Its maker begins it. */
  begin(task: Task): void {
    task.before = this.#begun;
    task.after = task;
    this.#begun = task;
    this.size++;
  }

  /** Its first step is over. */
  hasBegun(task: Task): void {
    if (task.after !== task) return;
    this.#begun = task.before as Task | null;
    this.#link(task);
  }

  /** Tasks that count already. */
  expect(unborn: Unborn): void {
    this.#link(unborn);
    this.size += unborn.unborn;
  }

  /** One of them begins. */
  beginExpected(task: Task): void {
    task.before = task.after = task;
  }

  /** Its first step is over, or somebody asks for it: it stands in front of those that are not there. */
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
    node.after = null;
    if (last === null) this.#first = node;
    else last.after = node;
    this.#last = node;
  }

  *[Symbol.iterator](): Generator<Task, void, undefined> {
    const begun: Task[] = [];
    for (let task = this.#begun; task !== null; task = task.before as Task | null) begun.unshift(task);
    this.#begun = null;
    for (const task of begun) this.#link(task);
    for (let node = this.#first; node !== null; node = node.after) if ("bear" in node) node.bear();
    for (let node = this.#first; node !== null; node = node.after) if (!("bear" in node)) yield node;
  }
}
