import {
  type Awaitable,
  CancelledError,
  type EventLoop,
  type Task,
  coroutine,
  createTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { VirtualHost } from "../../../../test/virtual-host.ts";

/** One set-up of things that work on each other, and what must be true of it when all has ended. */
export interface Scenario {
  /** What is cancelled, at each moment of its life in turn. */
  readonly victim: () => Awaitable<unknown>;
  /** Who acts beside it, started after it. */
  readonly others?: readonly (() => Awaitable<unknown>)[];
  /** Throws when something was lost or is left over. `cancelled`: whether the victim ended by its cancellation. */
  check(cancelled: boolean): void;
}

/** When the cancellation comes: so many virtual milliseconds after the start, then so many iterations later. */
export interface Moment {
  readonly milliseconds: number;
  readonly iterations: number;
  /** Whether the canceller takes its turn in an iteration before everybody else or after. */
  readonly turn: "first" | "last";
}

export const MILLISECONDS = 4;
export const ITERATIONS = 6;

export function* moments(): Generator<Moment> {
  for (let milliseconds = 0; milliseconds <= MILLISECONDS; milliseconds++)
    for (let iterations = 0; iterations <= ITERATIONS; iterations++)
      for (const turn of ["first", "last"] as const) yield { milliseconds, iterations, turn };
}

const cancelling = coroutine(function* (
  victim: () => Task,
  { milliseconds, iterations }: Moment,
): Generator<any, void, any> {
  if (milliseconds > 0) yield* sleep(milliseconds);
  for (let i = 0; i < iterations; i++) yield* sleep(0);
  victim().cancel("injected");
});

/** Runs the scenario once, with the cancellation at that moment. Gives whether the victim was cancelled by it. */
export async function inject(make: () => Scenario, moment: Moment): Promise<boolean> {
  const host = new VirtualHost();
  const main = coroutine(function* (): Generator<any, boolean, any> {
    const { victim, others = [], check } = make();
    const life: { task?: Task } = {};
    const cancel = (): Task => createTask(cancelling(() => life.task!, moment));
    const canceller = moment.turn === "first" ? cancel() : null;
    const task = (life.task = createTask(awaiting(victim)));
    const beside = others.map((other) => createTask(awaiting(other)));
    const tasks = [canceller ?? cancel(), ...beside];
    let cancelled = false;
    try {
      yield* task;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      cancelled = true;
    }
    for (const one of tasks) yield* one;
    // What was only just set free gets its turn.
    for (let i = 0; i < ITERATIONS; i++) yield* sleep(0);
    check(cancelled);
    nothingLeft(getRunningLoop());
    return cancelled;
  });
  return run(main, { loopFactory: () => newEventLoop({ host }), handleSignals: false });
}

const awaiting = coroutine(function* (start: () => Awaitable<unknown>): Generator<any, unknown, any> {
  return yield start();
});

function nothingLeft(loop: EventLoop): void {
  const { ready, timers, tasks } = loop.statistics();
  if (timers !== 0) throw new Error(`${timers} timers are left`);
  if (ready !== 0) throw new Error(`${ready} callbacks are left`);
  if (tasks !== 1) throw new Error(`${tasks - 1} tasks are left`);
}
