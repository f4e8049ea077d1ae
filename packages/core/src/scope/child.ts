import type { Future, Listener } from "../task/future.ts";
import type { Task } from "../task/task.ts";

interface Group {
  readonly parent: Task<any>;
  left(child: Child): void;
}

/** Listens to one task of a group. It is its own node in the list of them. */
export class Child implements Listener {
  readonly group: Group;
  readonly task: Task<any>;
  /** What `start()` waits for: a failure before it is done goes there. */
  readonly ready: Future<any> | null;
  before: Child | null = null;
  after: Child | null = null;

  constructor(group: Group, task: Task<any>, ready: Future<any> | null) {
    this.group = group;
    this.task = task;
    this.ready = ready;
  }

  /** For call graphs: the parent waits. */
  get completes(): Task<any> {
    return this.group.parent;
  }

  notify(): void {
    this.task.loop.soon(this);
  }

  fire(): void {
    this.group.left(this);
  }
}
