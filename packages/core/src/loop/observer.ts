import type { Task } from "../task/task.ts";
import type { EventLoop } from "./event-loop.ts";
import { KeyboardInterrupt } from "../errors.ts";
import { exec } from "./execution.ts";

/**
 * Hears of what the tasks of a loop do, for tracing, measuring and inspecting them: see `EventLoop.addObserver`. Every
 * method may be left out; those of steps cost something at each step of a task, the other two do not.
 *
 * An observer looks on. What it throws goes to the loop's exception handler, and what it schedules changes the order of
 * the program.
 */
export interface Observer {
  /**
   * A task was made, by `creator`: null in a callback and outside of the loop. It has its name, and has not begun.
   * With it a `gather` makes its tasks at the call, where it otherwise makes them as they begin, for half the cost.
   */
  taskCreated?(task: Task, creator: Task | null): void;
  /** A task goes on, until it waits, gives way or ends. The step of an eager task is in the midst of its creator's. */
  stepStarted?(task: Task): void;
  /** The step is over. `task.done()` tells whether it was the last; if not, `captureCallGraph(task)` where it waits. */
  stepEnded?(task: Task): void;
  /** A task has its outcome. Nobody who waits for it has gone on yet. */
  taskDone?(task: Task): void;
}

type OfSteps = Required<Pick<Observer, "stepStarted" | "stepEnded">>;

function nothing(): void {}

/** The observers of one loop, in the order in which they were added. There is none of these while there are no observers. */
export class Observers {
  readonly #loop: EventLoop;
  readonly #all: readonly Observer[];
  /** @internal The one that hears of steps, or what tells the several that do; null when nobody wants to. */
  readonly ofSteps: OfSteps | null;
  /** @internal Somebody wants to hear of tasks when they are created. */
  readonly ofCreation: boolean;

  constructor(loop: EventLoop, all: readonly Observer[]) {
    this.#loop = loop;
    this.#all = all;
    this.ofCreation = all.some(({ taskCreated }) => taskCreated !== undefined);
    const ofSteps = all.filter(({ stepStarted, stepEnded }) => stepStarted !== undefined || stepEnded !== undefined);
    this.ofSteps = ofSteps.length > 1 ? this.#each(ofSteps) : ofSteps.length === 1 ? complete(ofSteps[0]) : null;
  }

  #each(observers: readonly Observer[]): OfSteps {
    const all = observers.map(complete);
    return {
      stepStarted: (task) => {
        for (const observer of all) this.#tell(() => observer.stepStarted(task));
      },
      stepEnded: (task) => {
        for (const observer of all) this.#tell(() => observer.stepEnded(task));
      },
    };
  }

  with(observer: Observer): Observers {
    return new Observers(this.#loop, [...this.#all, observer]);
  }

  /** Null when none is left. */
  without(observer: Observer): Observers | null {
    const rest = this.#all.filter((one) => one !== observer);
    return rest.length === 0 ? null : new Observers(this.#loop, rest);
  }

  has(observer: Observer): boolean {
    return this.#all.includes(observer);
  }

  created(task: Task): void {
    for (const observer of this.#all) this.#tell(() => observer.taskCreated?.(task, exec.task));
  }

  done(task: Task): void {
    for (const observer of this.#all) this.#tell(() => observer.taskDone?.(task));
  }

  #tell(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(error);
    }
  }

  stepStarts(task: Task): void {
    try {
      this.ofSteps?.stepStarted(task);
    } catch (error) {
      this.#failed(error);
    }
  }

  stepEnds(task: Task): void {
    try {
      this.ofSteps?.stepEnded(task);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(exception: unknown): void {
    if (exception instanceof KeyboardInterrupt) throw exception;
    this.#loop.callExceptionHandler({ message: "Exception in observer", exception });
  }
}

/** With both methods: what calls it need not look. */
function complete(observer: Observer): OfSteps {
  if (observer.stepStarted !== undefined && observer.stepEnded !== undefined) return observer as OfSteps;
  return {
    stepStarted: observer.stepStarted?.bind(observer) ?? nothing,
    stepEnded: observer.stepEnded?.bind(observer) ?? nothing,
  };
}
