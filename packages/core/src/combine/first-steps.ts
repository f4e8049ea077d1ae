import type { Callback } from "../loop/ready-queue.ts";
import type { Unborn } from "../loop/task-registry.ts";
import type { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import type { GatheringFuture } from "./gathering-future.ts";
import { type Context, inheritedContext } from "../loop/context.ts";
import { NO_OPTIONS } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { DONE, OUTCOME } from "../task/future.ts";
import { Task, takeNumbers } from "../task/task.ts";

/**
 * The tasks of a gather until they begin: one callback for all their first steps, and one place among the tasks of the
 * loop. A task is made when its step comes, or when somebody asks for the tasks of the loop or cancels the gather; one
 * that ends in its first step is forgotten with it. Garbage that lives until all have begun is most of what many short
 * jobs cost.
 */
export class FirstSteps implements Callback, Unborn {
  before: Task | Unborn | null = null;
  after: Task | Unborn | null = null;
  readonly #gather: GatheringFuture;
  /** Those of the gather: coroutines, in whose places their tasks come. */
  readonly #children: unknown[];
  /** What the tasks start with; each has a copy. */
  readonly #context: Context | undefined = inheritedContext();
  readonly #number: number;
  /** The first that has not begun. */
  #next = 0;
  /** The first that is not made. */
  #unmade = 0;

  constructor(gather: GatheringFuture) {
    const { loop, children } = gather;
    this.#gather = gather;
    this.#children = children;
    // A closed loop refuses: then there are no such tasks.
    loop.soon(this);
    loop.tasks.expect(this);
    loop.packed += children.length - 1;
    this.#number = takeNumbers(children.length);
  }

  get unborn(): number {
    return this.#children.length - this.#unmade;
  }

  fire(): void {
    try {
      this.#begin();
    } finally {
      if (this.#next < this.#children.length) this.#goOn();
      else this.#end();
    }
  }

  // Apart from fire(): what stands behind a loop that V8 optimises while it runs is thrown away with it.
  #begin(): void {
    const { loop } = this.#gather;
    const children = this.#children;
    const count = children.length;
    while (this.#next < count) {
      const i = this.#next++;
      if (i > 0) loop.packed--;
      let child: Task;
      if (i < this.#unmade) child = children[i] as Task;
      else {
        child = this.#make();
        loop.tasks.beginExpected(child);
      }
      const { observing } = loop;
      observing?.stepStarts(child);
      child.fire();
      observing?.stepEnds(child);
      if (child.after === child) loop.tasks.addExpected(this, child);
      else if ((child.state & OUTCOME) === DONE) this.#gather.keepResult(i, child.value);
    }
  }

  /** A KeyboardInterrupt has ended the iteration. */
  #goOn(): void {
    const { loop } = this.#gather;
    loop.packed--;
    loop.soon(this);
  }

  #end(): void {
    const gather = this.#gather;
    gather.loop.tasks.unlink(this);
    gather.allBegun();
  }

  bear(): void {
    const { loop } = this.#gather;
    const children = this.#children;
    const begun = children[this.#next - 1];
    if (begun instanceof Task && begun.after === begun) loop.tasks.addExpected(this, begun);
    const { context } = exec;
    while (this.#unmade < children.length) loop.tasks.addExpected(this, this.#make());
    exec.context = context;
  }

  #make(): Task {
    const gather = this.#gather;
    const { loop } = gather;
    const i = this.#unmade++;
    const co = this.#children[i] as GeneratorCoroutine<unknown>;
    co.unclaim();
    exec.context = this.#context;
    const task = new Task(co, NO_OPTIONS, loop, this.#number + i);
    // As listen(), of a task to which nobody has listened.
    task.value = gather;
    this.#children[i] = task;
    loop.observing?.created(task);
    return task;
  }
}
