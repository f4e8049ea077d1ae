import { type Arbitrary, array, boolean, constant, integer, nat, oneof, record } from "fast-check";
import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  type Task,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  isAwaitable,
  sleep,
} from "tsyncio";

/** One step of a random schedule: it starts a task with a job, cancels one, or lets the tasks run. */
export interface Step<J extends string> {
  readonly act: J | "cancel" | "pause" | "rest";
  /** Which of the pending tasks is cancelled, the oldest first. */
  readonly who: number;
  /** How many iterations the pause lasts; for a job to use as it likes. */
  readonly turns: number;
  /** Whether the step comes in the next iteration, among the tasks. */
  readonly later: boolean;
  readonly eagerStart: boolean;
  /** Whether the task swallows its first cancellation and does its job again. */
  readonly stubborn: boolean;
  /** Whether the task cancels another right after its job: one to which it may just have handed something. */
  readonly spiteful: boolean;
}

/** Schedules in which the jobs come as often as their weights say, beside cancellations and pauses. */
export function schedules<J extends string>(jobs: Record<J, number>): Arbitrary<Step<J>[]> {
  const weights = { ...jobs, cancel: 3, pause: 5, rest: 1 } as Record<Step<J>["act"], number>;
  const acts = Object.entries<number>(weights) as [Step<J>["act"], number][];
  const step = record({
    act: oneof(...acts.map(([act, weight]) => ({ arbitrary: constant(act), weight }))),
    // Those who have waited longest are the next to be woken.
    who: oneof(nat({ max: 2 }), nat({ max: 30 })),
    turns: integer({ min: 0, max: 3 }),
    later: boolean(),
    eagerStart: boolean(),
    stubborn: boolean(),
    spiteful: boolean(),
  });
  // Without a size, fast-check makes them of ten steps at most.
  return array(step, { maxLength: 60, size: "max" });
}

/** What the tasks do, and what must be true of it. */
export interface Play<J extends string> {
  readonly jobs: Readonly<Record<J, (turns: number) => unknown>>;
  /** Throws when something is wrong that must hold at any moment. */
  readonly atAnyMoment?: () => void;
  /** Throws when something is wrong now that every task that is not done waits for another. */
  readonly atRest: (pending: number) => void;
}

const LONG = 10_000;

/** Plays a schedule to its end and cancels who still waits then. Throws what a task threw other than its cancellation. */
export const play = coroutine(function* <J extends string>(
  schedule: readonly Step<J>[],
  { jobs, atAnyMoment = () => {}, atRest }: Play<J>,
): Generator<any, void, any> {
  const loop = getRunningLoop();
  const tasks: Task[] = [];
  const pending = () => tasks.filter((task) => !task.done());

  const cancel = ({ who }: Step<J>): void => {
    const candidates = pending().filter((task) => task !== currentTask());
    candidates[who % candidates.length]?.cancel();
  };

  const carryOut = coroutine(function* (job: (turns: number) => unknown, step: Step<J>): Generator<any, void, any> {
    for (let patience = step.stubborn ? 1 : 0; ; patience--) {
      try {
        const doing = job(step.turns);
        if (isAwaitable(doing)) yield doing;
        if (step.spiteful) cancel(step);
        return;
      } catch (error) {
        if (patience === 0 || !(error instanceof CancelledError)) throw error;
        while (currentTask()!.uncancel() > 0);
      }
    }
  });

  const take = (step: Step<J>): void => {
    if (step.act === "cancel") cancel(step);
    else if (step.act !== "pause" && step.act !== "rest")
      tasks.push(createTask(carryOut(jobs[step.act], step), { eagerStart: step.eagerStart }));
  };

  const rest = coroutine(function* (): Generator<any, void, any> {
    let iterations = 0;
    do {
      yield* sleep(0);
      atAnyMoment();
      if (++iterations > LONG) throw new Error("the tasks never come to rest");
    } while (loop.statistics().ready > 0);
    for (const task of tasks) if (task.done() && !task.cancelled()) task.result();
    atRest(pending().length);
  });

  for (const step of schedule) {
    if (step.act === "rest") yield* rest();
    else if (step.act === "pause") for (let i = 0; i < step.turns; i++) yield* sleep(0);
    else if (step.later) loop.callSoon(() => take(step));
    else take(step);
    atAnyMoment();
  }
  yield* rest();
  // The stubborn ones go at the second time.
  for (let round = 0; round < 2; round++) {
    for (const task of pending()) {
      task.cancel();
      yield* sleep(0);
    }
    yield* rest();
  }
  if (pending().length > 0) throw new Error("a cancelled task does not end");
});

/** The tasks that wait for the same thing, in the order in which they asked. */
export class Line {
  readonly #tasks: Task[] = [];

  /** Awaits `aw` in the current task; throws when somebody who asked earlier still waits, and was not cancelled. */
  wait<T>(aw: Awaitable<T>): Coroutine<T> {
    return waitingInLine(this.#tasks, aw);
  }
}

const waitingInLine = coroutine(function* <T>(tasks: Task[], aw: Awaitable<T>): Generator<any, T, any> {
  const task = currentTask()!;
  tasks.push(task);
  try {
    const value = yield aw;
    const overtaken = tasks.slice(0, tasks.indexOf(task)).find((earlier) => earlier.cancelling() === 0);
    if (overtaken !== undefined) throw new Error(`${task.getName()} was served before ${overtaken.getName()}`);
    return value;
  } finally {
    tasks.splice(tasks.indexOf(task), 1);
  }
});
