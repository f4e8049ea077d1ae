import type { EventLoop } from "../loop/event-loop.ts";
import type { Context } from "../loop/context.ts";
import type { Unborn } from "../loop/task-registry.ts";
import type { Task } from "./task.ts";
import { CancelledError, KeyboardInterrupt } from "../errors.ts";
import {
  type GeneratorCoroutine,
  YIELDING,
  enterYielded,
  generatorNext,
  generatorThrow,
  givenBy,
  startTail,
} from "../coroutine/generator-coroutine.ts";
import { NEXT, closeGenerator, throwIntoReentered } from "../coroutine/resume-frame.ts";
import { EMIT, FINALLY, NOTHING, NO_VALUE, SUSPEND, WAITS, type Waitable } from "../coroutine/protocol.ts";
import { forgetUnwound } from "../coroutine/unwound.ts";
import { exec } from "../loop/execution.ts";
import { CANCELLED, DONE, FAILED, Future, OUTCOME, makeCancelled } from "./future.ts";
import { tracePassed } from "./coroutine-trace.ts";
import {
  INTERRUPTED,
  MUST_CANCEL,
  REQUESTS_SHIFT,
  SCOPE_CANCELLED,
  STARTS_TAIL,
  TaskDetail,
  UNUSUAL,
  WAIT_CANCELLED,
} from "./task-state.ts";

// V8 takes constants of a file as they are; what is imported, or exported, it looks up each time.
const next = generatorNext;
const throwInto = generatorThrow;
const SUSPENSION: typeof SUSPEND = SUSPEND;
const EMITTED: typeof EMIT = EMIT;
const WITH_VALUE: typeof NEXT = NEXT;

/** What a frame gives that was closed by a cancellation, unless its `finally` has something else to give. */
const DROPPED: unique symbol = Symbol("dropped");
/** The cancellations of frames that are being closed and wait in their `finally`. */
const unfinished = new WeakMap<GeneratorCoroutine<any>, unknown>();

/**
 * What makes a task go: it resumes the frames of its coroutines, parks on what they wait for, and delivers cancellations.
 *
 * | the task | waitingOn | in the ready queue |
 * |---|---|---|
 * | is queued for a step | undefined | yes |
 * | runs | undefined | no |
 * | sleeps | what it waits for, pending | no |
 * | is woken, granted or cancelled | what it waited for, done | yes |
 * | is done | undefined | no |
 *
 * Private members are TypeScript's: those of the language put a brand on every task.
 */
export abstract class Driver<T> extends Future<T> {
  /** @internal The innermost frame; the others are the chain of its callers. */
  frame: GeneratorCoroutine<any> | undefined;
  /** @internal */ waitingOn: Waitable | undefined = undefined;
  /** @internal Its neighbours among the pending tasks of the loop. */
  before: Task | Unborn | null = null;
  /** @internal */ after: Task | Unborn | null = null;
  /** @internal */ context: Context | undefined;
  /** @internal */ info: number | TaskDetail;

  /** @internal */
  constructor(
    options: { readonly loop: EventLoop },
    frame: GeneratorCoroutine<any>,
    context: Context | undefined,
    info: number,
  ) {
    super(options);
    this.frame = frame;
    this.context = context;
    this.info = info;
  }

  /** This, as what it always is. */
  private get self(): Task {
    return this as unknown as Task;
  }

  /** @internal */
  detail(): TaskDetail {
    if (typeof this.info === "number") this.info = new TaskDetail(this.info);
    return this.info;
  }

  /** @internal The future it waits for is done. */
  notify(): void {
    this.loop.soon(this);
  }

  /** @internal A wait was given up by cancel(). */
  wakeCancelled(message: unknown): void {
    this.state |= WAIT_CANCELLED;
    if (message !== undefined || typeof this.info !== "number") this.detail().cancelMessage = message;
    this.loop.soon(this);
  }

  /** @internal The wait kept its value; the cancellation strikes at the next one. */
  keepCancelled(message: unknown): void {
    this.state |= MUST_CANCEL;
    if (message !== undefined || typeof this.info !== "number") this.detail().cancelMessage = message;
  }

  /** @internal A turn through the ready queue. */
  fire(): void {
    exec.depth = 0;
    const { waitingOn } = this;
    if ((this.state & UNUSUAL) !== 0) return this.fireUnusual(waitingOn);
    exec.task = this.self;
    exec.context = this.context;
    let value: unknown;
    if (waitingOn !== undefined) {
      try {
        value = waitingOn.resume();
      } catch (error) {
        this.waitingOn = undefined;
        return this.goOn(error, true, false);
      }
      if (typeof value === "symbol") {
        if (value === SUSPENSION) return this.parked();
        if (value === NO_VALUE) return this.wokenByFailure(waitingOn as Future);
      }
      this.waitingOn = undefined;
    }
    const frame = this.frame as GeneratorCoroutine<any>;
    const { generator } = frame;
    if (typeof generator !== "function") return this.goOn(value, false, false);
    try {
      // oxlint-disable-next-line no-useless-call
      value = generator.call(undefined, frame, value, WITH_VALUE);
    } catch (error) {
      return this.passOn(error, frame);
    }
    if (value !== SUSPENSION) this.returned(value, frame);
    else if (exec.innermost === null) this.parked();
    else this.wentDeeper();
  }

  /** The innermost frame, a function that is called again, has thrown. */
  private passOn(error: unknown, frame: GeneratorCoroutine<any>): void {
    forgetUnwound();
    frame.drop();
    tracePassed(error, frame, this.self);
    if (this.pop()) this.goOn(error, true, false);
    else this.fail(error);
  }

  /** It has given its value. */
  private returned(value: unknown, frame: GeneratorCoroutine<any>): void {
    if (value === DROPPED) return this.goOn({ done: true, value }, false, true);
    frame.drop();
    if (!this.pop()) return this.finish(DONE, value);
    this.goOn(value, false, false);
  }

  /** It waits for coroutines that it has entered. */
  private wentDeeper(): void {
    this.adopt();
    if (!exec.restart) return this.parked();
    exec.restart = false;
    exec.depth = 0;
    this.goOn(undefined, false, false);
  }

  private wokenByFailure(future: Future): void {
    this.waitingOn = undefined;
    if ((future.state & OUTCOME) === CANCELLED) this.deliver(future.cancellation());
    else this.goOn(future.failure(), true, false);
  }

  private fireUnusual(waitingOn: Waitable | undefined): void {
    this.state &= ~STARTS_TAIL;
    if ((this.state & INTERRUPTED) === 0) this.runTail();
    else this.interrupt(waitingOn);
  }

  /** @internal The first step of a frame that has no generator. */
  protected runTail(): void {
    exec.task = this.self;
    exec.context = this.context;
    const frame = this.frame as GeneratorCoroutine<any>;
    let value: unknown;
    try {
      value = startTail(frame);
    } catch (error) {
      forgetUnwound();
      tracePassed(error, frame, this.self);
      return this.fail(error);
    }
    if (value === SUSPENSION) return this.run(WAITS, false, true);
    this.finish(DONE, value);
  }

  private interrupt(waitingOn: Waitable | undefined): void {
    exec.task = this.self;
    exec.context = this.context;
    if (waitingOn !== undefined && (this.state & WAIT_CANCELLED) === 0) {
      // cancel() came between the wake-up and this step.
      if (waitingOn instanceof Future) {
        waitingOn.markRead();
        const outcome = waitingOn.state & OUTCOME;
        // The future of a gather fails with the CancelledError.
        if (outcome === CANCELLED || (outcome === FAILED && waitingOn.value instanceof CancelledError)) {
          this.state &= ~INTERRUPTED;
          this.waitingOn = undefined;
          return this.deliver(outcome === CANCELLED ? waitingOn.cancellation() : waitingOn.failure());
        }
      }
      if ((waitingOn as { keepsOutcome?: boolean }).keepsOutcome === true) {
        // Nobody else holds the outcome: it is given, and the cancellation strikes at the next wait.
        this.waitingOn = undefined;
        let value: unknown;
        try {
          value = waitingOn.resume();
        } catch (error) {
          return this.run(error, true);
        }
        return this.run(value, false);
      }
    }
    this.state &= ~INTERRUPTED;
    this.waitingOn = undefined;
    const { info } = this;
    let message: unknown;
    if (typeof info !== "number") {
      message = info.cancelMessage;
      info.cancelMessage = undefined;
    }
    waitingOn?.interrupted();
    this.deliver(
      message === undefined && !this.loop.getDebug() ? undefined : makeCancelled(message, this.loop.getDebug()),
    );
  }

  /**
   * A cancellation goes through the frames, innermost first. A throw is what costs most of it: a frame that cannot
   * see it is dropped, one that only has `finally` is closed with return(). The error is made when somebody is to see it.
   *
   * @internal
   */
  protected deliver(error: unknown): void {
    for (;;) {
      const frame = this.frame as GeneratorCoroutine<any>;
      const { cleanup } = frame;
      if (cleanup === FINALLY) {
        let step: IteratorResult<unknown>;
        exec.task = this.self;
        exec.context = this.context;
        try {
          step = closeGenerator(frame, DROPPED);
        } catch (thrown) {
          frame.drop();
          if (!this.pop()) return this.fail(thrown);
          return this.run(thrown, true);
        }
        if (!step.done) unfinished.set(frame, error);
        if (!step.done || step.value !== DROPPED) return this.run(step, false, true);
      } else if (cleanup !== NOTHING) {
        return this.run(error ?? makeCancelled(undefined), true);
      }
      frame.drop();
      if (!this.pop()) return this.finish(CANCELLED, error);
    }
  }

  /** @internal The frame has ended, its caller becomes the innermost; false when there is none. */
  protected pop(): boolean {
    const { caller } = this.frame as GeneratorCoroutine<any>;
    if (caller === null) return false;
    this.frame = caller;
    return true;
  }

  /** @internal */
  protected run(value: unknown, threw: boolean, stepped = false): void {
    exec.task = this.self;
    exec.context = this.context;
    this.goOn(value, threw, stepped);
  }

  /**
   * The driver: resumes the innermost frame with a value or an error, and goes outwards as frames end, until
   * something suspends. Hot: one loop, no allocation of its own.
   */
  private goOn(value: any, threw: boolean, stepped: boolean): void {
    let frame = this.frame as GeneratorCoroutine<any>;
    for (;;) {
      let done: boolean;
      if (stepped) {
        const step = value as IteratorResult<unknown>;
        stepped = false;
        value = step.value;
        done = step.done === true;
        if (done && value === SUSPENSION) frame.handOn();
      } else {
        const { generator } = frame;
        if (generator === undefined) {
          // It only hands on what comes.
          frame.drop();
          if (threw) tracePassed(value, frame, this.self);
          if (!this.pop()) return threw ? this.fail(value) : this.finish(DONE, value);
          frame = this.frame as GeneratorCoroutine<any>;
          continue;
        }
        try {
          if (typeof generator === "function") {
            // V8 would inline the only function that it has met here, and then call all that it calls: 7 ns more for a lock.
            // oxlint-disable-next-line no-useless-call
            value = threw ? throwIntoReentered(frame, value) : generator.call(undefined, frame, value, WITH_VALUE);
            done = true;
          } else {
            const step = threw ? throwInto.call(generator, value) : next.call(generator, value);
            value = step.value;
            done = step.done === true;
            if (done && value === SUSPENSION) frame.handOn();
          }
        } catch (error) {
          forgetUnwound();
          frame.drop();
          tracePassed(error, frame, this.self);
          if (!this.pop()) return this.fail(error);
          frame = this.frame as GeneratorCoroutine<any>;
          value = error;
          threw = true;
          continue;
        }
      }
      threw = false;
      if (value === (done ? SUSPENSION : undefined)) {
        if (exec.innermost !== null) {
          frame = this.adopt();
          if (exec.restart) {
            exec.restart = false;
            exec.depth = 0;
            value = undefined;
            continue;
          }
        }
        return this.parked();
      }
      if (!done) {
        if (exec.innermost !== null) frame = this.adopt();
        // `yield x`, untyped, or an async generator hands out an item.
        frame.status |= YIELDING;
        try {
          value = value === EMITTED ? givenBy(frame) : enterYielded(value);
        } catch (error) {
          value = error;
          threw = true;
        }
        frame.status &= ~YIELDING;
        if (value === SUSPENSION) {
          value = WAITS;
          stepped = true;
        } else if (value === EMITTED) {
          this.pop();
          frame = this.frame as GeneratorCoroutine<any>;
        }
        continue;
      }
      frame.drop();
      if (value === DROPPED) {
        const error = unfinished.get(frame);
        if (!this.pop()) return this.finish(CANCELLED, error);
        return this.deliver(error);
      }
      const { caller } = frame;
      if (caller === null) return this.finish(DONE, value);
      this.frame = frame = caller;
    }
  }

  /** The frames that were left behind while the stack unwound are now the inner ones; gives the innermost. */
  private adopt(): GeneratorCoroutine<any> {
    const { innermost, outermost } = exec;
    (outermost as GeneratorCoroutine<any>).caller = this.frame as GeneratorCoroutine<any>;
    forgetUnwound();
    return (this.frame = innermost as GeneratorCoroutine<any>);
  }

  /** @internal A coroutine that was entered in the place of one that had ended has left its frames behind. */
  protected leftBehind(): void {
    this.frame = exec.innermost as GeneratorCoroutine<any>;
    forgetUnwound();
    if (exec.restart) this.run(WAITS, false, true);
    else this.parked();
  }

  /** @internal It threw instead. */
  protected threw(error: unknown, co: GeneratorCoroutine<any>): void {
    exec.depth = 0;
    forgetUnwound();
    tracePassed(error, co, this.self);
    this.fail(error);
  }

  /** @internal The task has suspended: it waits for something, or only gives way. */
  protected parked(): void {
    exec.task = null;
    const { waitingOn } = this;
    if (waitingOn === undefined) this.loop.soon(this);
    if ((this.state & (MUST_CANCEL | SCOPE_CANCELLED)) !== 0) this.cancelAtPark(waitingOn);
  }

  private cancelAtPark(waitable: Waitable | undefined): void {
    const { info } = this;
    const message = typeof info === "number" ? undefined : info.cancelMessage;
    if (waitable !== undefined && waitable.abandon(message)) this.state &= ~MUST_CANCEL;
    else if ((this.state & SCOPE_CANCELLED) !== 0) this.state |= MUST_CANCEL;
  }

  /** @internal */ protected fail(error: unknown): void {
    if (error instanceof CancelledError) return this.finish(CANCELLED, error);
    this.finish(FAILED, error);
    if (error instanceof KeyboardInterrupt) throw error;
  }

  /** @internal */ protected finish(outcome: number, value: unknown): void {
    exec.task = null;
    if ((this.state & ~OUTCOME) !== 0) return this.finishCancelled(outcome, value);
    this.conclude(outcome, value);
  }

  /** There were requests to cancel it. */
  private finishCancelled(outcome: number, value: unknown): void {
    if (outcome === DONE && (this.state & MUST_CANCEL) !== 0) {
      outcome = CANCELLED;
      // As a future that is cancelled: there was no error yet that others have seen.
      value = (this.info as TaskDetail).cancelMessage;
    }
    this.state &= ~INTERRUPTED;
    if (outcome === DONE && this.state >> REQUESTS_SHIFT > 0 && this.loop.getDebug()) {
      console.warn(
        `tsyncio: ${this.self.getName()} swallowed a cancellation and went on to its end; throw CancelledError again, or call uncancel()`,
      );
    }
    this.conclude(outcome, value);
  }

  private conclude(outcome: number, value: unknown): void {
    this.frame = undefined;
    this.loop.tasks.delete(this.self);
    this.settle(outcome, value);
    this.loop.observing?.done(this.self);
  }
}
