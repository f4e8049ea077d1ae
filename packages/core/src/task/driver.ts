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
import { NEXT, throwIntoReentered } from "../coroutine/resume-frame.ts";
import { EMIT, NO_VALUE, SUSPEND, WAITS, type Waitable } from "../coroutine/protocol.ts";
import { forgetUnwound } from "../coroutine/unwound.ts";
import { exec } from "../loop/execution.ts";
import { DROPPED, cancelAtPark, deliver, dropped, finishCancelled, interrupt } from "./deliver.ts";
import { CANCELLED, DONE, FAILED, Future, OUTCOME } from "./future.ts";
import { tracePassed } from "./coroutine-trace.ts";
import {
  INTERRUPTED,
  MUST_CANCEL,
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
const WAS_DROPPED: typeof DROPPED = DROPPED;

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

  /** @internal This, as what it always is. */
  get self(): Task {
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
    // As in goOn(), for what most frames are: from here V8 takes it into the loop, which goOn() is too long for.
    try {
      // oxlint-disable-next-line no-useless-call -- see goOn()
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
    frame.drop();
    if (value === WAS_DROPPED) return dropped(this, frame);
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
    if ((future.state & OUTCOME) === CANCELLED) deliver(this, future.cancellation());
    else this.goOn(future.failure(), true, false);
  }

  private fireUnusual(waitingOn: Waitable | undefined): void {
    this.state &= ~STARTS_TAIL;
    if ((this.state & INTERRUPTED) === 0) this.runTail();
    else interrupt(this, waitingOn);
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

  /** @internal The frame has ended, its caller becomes the innermost; false when there is none. */
  pop(): boolean {
    const { caller } = this.frame as GeneratorCoroutine<any>;
    if (caller === null) return false;
    this.frame = caller;
    return true;
  }

  /** @internal */
  run(value: unknown, threw: boolean, stepped = false): void {
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
      if (value === WAS_DROPPED) return dropped(this, frame);
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
    if ((this.state & (MUST_CANCEL | SCOPE_CANCELLED)) !== 0) cancelAtPark(this, waitingOn);
  }

  /** @internal */ fail(error: unknown): void {
    if (error instanceof CancelledError) return this.finish(CANCELLED, error);
    this.finish(FAILED, error);
    if (error instanceof KeyboardInterrupt) throw error;
  }

  /** @internal */ finish(outcome: number, value: unknown): void {
    exec.task = null;
    if ((this.state & ~OUTCOME) !== 0) return finishCancelled(this, outcome, value);
    this.conclude(outcome, value);
  }

  /** @internal */
  conclude(outcome: number, value: unknown): void {
    this.frame = undefined;
    this.loop.tasks.delete(this.self);
    this.settle(outcome, value);
    this.loop.observing?.done(this.self);
  }
}
