import type { EventLoop } from "./event-loop.ts";
import type { Host, HostTimer } from "./host.ts";
import type { Observers } from "./observer.ts";
import type { TimerEntry } from "./timer-heap.ts";
import { DeadlockError, RuntimeError } from "../errors.ts";
import { exec, renewExecution } from "./execution.ts";
import { Handle, callbackName } from "./handle.ts";
import { lent } from "./lent.ts";
import { type Callback, ReadyQueue } from "./ready-queue.ts";
import { shownAsText } from "./shown-as-text.ts";
import { TaskRegistry } from "./task-registry.ts";
import { TimerHeap } from "./timer-heap.ts";
import { turnEnded } from "./turn-end.ts";

/** Milliseconds of callbacks before the host gets its turn (sockets, promises, the screen). */
const TURN_BUDGET = 2;
/** Between two iterations the clock is read when so many callbacks have run since, or fewer when they take longer. */
const LONGEST_STRETCH = 256;

/** How long the process is held for a signal, at a time. */
const HOLD = 86_400_000;

type Failure = { readonly error: unknown } | null;

/** How a loop is doing: counts since it was made, and what it holds now. */
export interface LoopStatistics {
  readonly iterations: number;
  readonly ready: number;
  readonly timers: number;
  readonly tasks: number;
}

/**
 * The engine of a loop: what is ready, what is to come at a deadline, and the turns of the host in which it runs.
 *
 * | state | idle | a turn is scheduled | entered by |
 * |---|---|---|---|
 * | stopped | false | no | constructor, end of a run |
 * | turning | false | yes, or it is under way | runForever(), soon(), a due timer |
 * | waiting | true | no, the host timer stands for the earliest deadline | the end of a turn with nothing ready |
 */
export abstract class Turns {
  /** @internal The loops that run now, the newest first. */
  static readonly active: Set<EventLoop> = new Set();
  /** A callback or a step of a task that takes longer is reported in debug mode, in milliseconds. */
  slowCallbackDuration = 100;
  /** @internal */ readonly ready: ReadyQueue = new ReadyQueue();
  /** @internal */ readonly timers: TimerHeap = new TimerHeap();
  /** @internal */ readonly host: Host;
  /** @internal Pending tasks, held strongly. */
  readonly tasks: TaskRegistry = new TaskRegistry();
  /** @internal Callbacks beside the one that stands for them in the ready queue. */
  packed = 0;
  /** @internal True when a new callback must ask the host for a turn. */
  idle = false;
  /** @internal True when a timer may be due already, whatever the clock said last. */
  clockDue = false;
  /**
   * Signals that have handlers on this loop, entered and taken out by the library that made them. `run` leaves these to
   * them, and a loop that waits while there are any is not deadlocked: it holds the process.
   */
  readonly handledSignals: Set<string> = new Set();
  /** @internal */ observing: Observers | null = null;
  /** @internal */ debug = false;
  /** @internal */ protected closed = false;
  /** @internal This, as what it always is. */
  protected abstract readonly self: EventLoop;
  #running = false;
  #stopping = false;
  #iterations = 0;
  /** How many callbacks run between two looks at the clock. */
  #stretch = 1;
  #timer: HostTimer | null = null;
  #timerAt = Infinity;
  /** Holds the process while only a signal can wake this. */
  #hold: HostTimer | null = null;
  /** Settles the promise of `runForever`. */
  #leave: ((failure: Failure) => void) | null = null;

  static {
    shownAsText(this.prototype);
  }

  /** @internal */
  constructor(host: Host) {
    this.host = host;
  }

  /** @internal */
  soon(callback: Callback): void {
    this.ready.push(callback);
    if (this.idle) this.#wake();
  }

  /** @internal */
  addTimer(when: number, entry: TimerEntry, now: number = this.host.now()): void {
    if (when <= now) this.clockDue = true;
    this.timers.push(when, entry);
    if (this.idle) this.#wake();
  }

  /**
   * Runs until `stop()` is called. The promise is fulfilled after the iteration in which it was.
   * Rejects with `RuntimeError` when the loop is closed or runs already, with `DeadlockError` when nothing is left
   * in the process that could ever wake it.
   */
  runForever(): Promise<void> {
    if (this.closed) return Promise.reject(closedError());
    if (this.#running) return Promise.reject(new RuntimeError("Cannot run the event loop: it is running already"));
    this.#running = true;
    Turns.active.add(this.self);
    const release = this.host.hold(() => this.#stranded());
    const running = new Promise<void>((resolve, reject) => {
      this.#leave = (failure) => {
        release();
        if (failure === null) resolve();
        else reject(failure.error);
      };
    });
    this.#wake();
    return running;
  }

  /** @internal Runs for native code's awaits; keeps nothing alive, and nothing that it waits for is a deadlock. */
  runInBackground(): void {
    this.#running = true;
    this.#wake();
  }

  /** Ends `runForever` after the current iteration. Before `runForever`: it will run one iteration. */
  stop(): void {
    this.#stopping = true;
    if (this.idle && !this.closed) this.#wake();
  }

  /** Whether it runs now. */
  isRunning(): boolean {
    return this.#running;
  }

  /** A snapshot of what it did and holds. */
  statistics(): LoopStatistics {
    return Object.freeze({
      iterations: this.#iterations,
      ready: this.ready.length + this.packed,
      timers: this.timers.live,
      tasks: this.tasks.size,
    });
  }

  #wake(): void {
    if (this.closed) throw closedError();
    if (!this.#running) return;
    if (this.#hold !== null) this.#letProcessEnd();
    this.idle = false;
    if (this.ready.length > 0 || this.#stopping || this.clockDue) {
      this.host.schedule(this.#turn);
    } else {
      this.idle = true;
      this.#arm();
    }
  }

  // One turn of the host. Hot: it is long because a call per callback costs 5 % of a task switch.
  #turn = (): void => {
    const { ready, timers, host } = this;
    if (!this.#running) return;
    renewExecution();
    const outerLoop = exec.loop;
    const outerTask = exec.task;
    const outerContext = exec.context;
    exec.loop = this.self;
    this.idle = false;
    let failure: Failure = null;
    let last = host.now();
    const end = last + TURN_BUDGET;
    let unseen = this.#stretch;
    this.#collectDue(last);
    try {
      for (;;) {
        if (this.clockDue || unseen <= 0) {
          const now = host.now();
          this.#pace(now - last);
          last = now;
          unseen = this.#stretch;
          this.#collectDue(now);
          if (now > end && ready.length > 0) break;
        }
        const count = ready.length;
        if (count === 0) {
          // Nothing is ready: a timer that came due meanwhile is still of this turn.
          if (timers.size > 0 && timers.earliest <= host.now()) {
            this.clockDue = true;
            continue;
          }
          break;
        }
        unseen -= count;
        this.#iterate(count);
        if (this.#stopping) break;
      }
    } catch (error) {
      failure = { error };
    }
    exec.loop = outerLoop;
    exec.task = outerTask;
    exec.context = outerContext;
    turnEnded(this.self);
    if (failure !== null) return this.#end(failure);
    if (this.#stopping) return this.#end(null);
    this.#wake();
  };

  #pace(passed: number): void {
    if (passed < 0.05) this.#stretch = Math.min(this.#stretch * 2, LONGEST_STRETCH);
    else if (passed > 0.2) this.#stretch = 1;
  }

  /** One iteration: exactly the callbacks that were ready when it began. The host never comes in the midst of it. */
  #iterate(count: number): void {
    const { ready } = this;
    this.#iterations++;
    if (this.debug) return this.#iterateTimed(count);
    const { observing } = this;
    if (observing === null || observing.ofSteps === null) while (count-- > 0) ready.shift().fire();
    else while (count-- > 0) fireObserved(ready.shift(), observing);
  }

  #iterateTimed(count: number): void {
    const { ready, host, observing } = this;
    while (count-- > 0) {
      const callback = ready.shift();
      const started = host.now();
      if (observing === null) callback.fire();
      else fireObserved(callback, observing);
      const took = host.now() - started;
      if (took >= this.slowCallbackDuration) {
        const what = callback instanceof Handle ? callbackName(callback.callback) : String(callback);
        console.warn(`tsyncio: executing ${what} took ${took.toFixed(0)} ms; it blocks everything else meanwhile`);
      }
    }
  }

  #collectDue(now: number): void {
    const { timers, ready } = this;
    this.clockDue = false;
    if (timers.size === 0) return;
    timers.sweep();
    while (timers.earliest <= now) {
      const entry = timers.pop();
      if (!entry.dead) ready.push(entry);
    }
  }

  #arm(): void {
    // A dead timer must not hold the process.
    this.timers.sweep();
    const when = this.timers.earliest;
    if (when === Infinity) return this.disarm();
    if (this.#timer !== null && this.#timerAt <= when) return;
    this.disarm();
    this.#timerAt = when;
    this.#timer = this.host.setTimer(when, () => {
      this.#timer = null;
      this.#timerAt = Infinity;
      if (this.idle) this.#turn();
    });
  }

  /** @internal */ protected disarm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  #end(failure: Failure): void {
    this.#running = false;
    this.#stopping = false;
    this.idle = false;
    Turns.active.delete(this.self);
    this.#letProcessEnd();
    this.disarm();
    const leave = this.#leave;
    this.#leave = null;
    leave?.(failure);
  }

  #letProcessEnd(): void {
    this.#hold?.cancel();
    this.#hold = null;
  }

  #stranded(): void {
    this.timers.sweep();
    if (!this.idle || this.ready.length > 0 || this.timers.earliest < Infinity) return;
    if (this.handledSignals.size > 0) {
      this.#hold ??= this.host.setTimer(this.host.now() + HOLD, () => void (this.#hold = null));
      return;
    }
    this.#end({
      error: new DeadlockError(
        `Cannot go on: every task waits for something that nothing left can bring\n${lent.graph(this.self)}`,
      ),
    });
  }
}

// Hot: what it calls is inlined as long as there is one observer.
function fireObserved(callback: Callback, observing: Observers): void {
  const task = callback.asTask;
  if (task === undefined) return callback.fire();
  observing.stepStarts(task);
  try {
    task.fire();
  } finally {
    observing.stepEnds(task);
  }
}

/** @internal */
export function closedError(): RuntimeError {
  return new RuntimeError("Cannot use the event loop: it is closed");
}
