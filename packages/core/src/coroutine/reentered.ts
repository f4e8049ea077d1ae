import { exec } from "../loop/execution.ts";
import { replaceMethod } from "./compiled.ts";
import {
  DEPTH_LIMIT,
  ENTERED,
  GeneratorCoroutine,
  type Reentered,
  SUSPENDED,
  makeRoom,
  onceMore,
  watched,
} from "./generator-coroutine.ts";
import { mark } from "./marks.ts";
import { PLACE_SHIFT } from "./resume-frame.ts";
import { type Cleanup, KIND, NOTHING, SUSPEND, WAITABLE, type Waitable } from "./protocol.ts";

// V8 takes constants of a file as they are; what is imported, or exported, it looks up each time.
const SUSPENSION: typeof SUSPEND = SUSPEND;
const SHIFT: typeof PLACE_SHIFT = PLACE_SHIFT;

/** What the lowest bits of `status` keep when the function waits. */
const CLEANUP = 3;

/**
 * A coroutine whose function is called again to go on: `f$(frame, value, mode)`. It keeps its variables in the frame while it waits,
 * and goes on at the await where it left. That takes half of the room that a generator takes with its coroutine, and less time.
 * The compiler writes such functions where it can, see `Reentry` of @tsyncio/keywords.
 *
 * While it runs for the first time it needs no frame: `await f(x)` is a call, and the frame is made when the function has to wait.
 */
export class ReenteredCoroutine<T> extends GeneratorCoroutine<T> implements Pick<Waitable, "enter"> {
  /** @internal Its variables. The last holds an array when there are more than four. */
  s0: unknown;
  /** @internal */ s1: unknown;
  /** @internal */ s2: unknown;
  /** @internal */ s3: unknown;
  static {
    Object.defineProperty(this.prototype, KIND, { value: WAITABLE });
  }

  constructor(fn: Reentered, cleanup: Cleanup, s0: unknown, s1: unknown, s2: unknown, s3: unknown) {
    super(fn, fn, cleanup);
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = s3;
  }

  /** @internal At which of its awaits it waits; 0 before the first. */
  get place(): number {
    return this.status >> SHIFT;
  }

  /** @internal */
  enter(): unknown {
    if (this.status >= ENTERED) onceMore(this);
    const { depth } = exec;
    if (depth >= DEPTH_LIMIT) return makeRoom(this);
    this.status |= ENTERED;
    exec.depth = depth + 1;
    let value: unknown;
    try {
      const fn = this.fn as Reentered;
      // What stands in the place of a method is for the driver; without it this is a call less.
      value = this.generator === fn ? fn(this, undefined, 0) : fn.call(this.s0, this, undefined, 0);
    } catch (error) {
      this.drop();
      throw error;
    }
    exec.depth = depth;
    if (typeof value === "symbol" && value === SUSPENSION) this.unwind();
    else this.drop();
    return value;
  }

  override handOn(): void {
    super.handOn();
    this.s0 = this.s1 = this.s2 = this.s3 = undefined;
  }

  override drop(): void {
    super.drop();
    this.s0 = this.s1 = this.s2 = this.s3 = undefined;
  }
}

/** The call of a function that is called again to go on: a coroutine for somebody to await, who may forget it. */
export function frame(
  fn: Reentered,
  cleanup: Cleanup,
  s0?: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): ReenteredCoroutine<any> {
  return watched(new ReenteredCoroutine<any>(fn, cleanup, s0, s1, s2, s3));
}

/** The same of a function that uses `this`: it is the first value that its frame keeps. */
export function methodFrame(
  fn: Reentered,
  cleanup: Cleanup,
  self: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): ReenteredCoroutine<any> {
  return watched(newMethod(fn, cleanup, self, s1, s2, s3));
}

function newMethod(
  fn: Reentered,
  cleanup: Cleanup,
  self: unknown,
  s1: unknown,
  s2: unknown,
  s3: unknown,
): ReenteredCoroutine<any> {
  const frame = new ReenteredCoroutine<any>(fn, cleanup, self, s1, s2, s3);
  frame.generator = callWithThis;
  return frame;
}

/** Stands in the place of a function that uses `this`, for the driver calls all alike. */
function callWithThis(frame: ReenteredCoroutine<any>, value: unknown, mode: unknown): unknown {
  return (frame.fn as Reentered).call(frame.s0, frame, value, mode);
}

/** Replaces the method `target[key]`, which is called again to go on, by a coroutine method. */
export function frameMethod(target: object, key: PropertyKey, cleanup: Cleanup, length: number): void {
  const giving = (fn: Reentered): Function =>
    ({
      call(this: unknown, s1?: unknown, s2?: unknown, s3?: unknown): ReenteredCoroutine<any> {
        return methodFrame(fn, cleanup, this, s1, s2, s3);
      },
    }).call;
  replaceMethod(target, key, (fn) => mark(giving(fn as unknown as Reentered)), length);
}

/** `await f(x)` of such a function that the compiler knows: as `enter(frame(f$, 1, x))`, see `call`. */
export function callFrame(
  fn: Reentered,
  cleanup: Cleanup,
  s0?: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): unknown {
  const { depth } = exec;
  if (depth >= DEPTH_LIMIT) return makeRoom(new ReenteredCoroutine(fn, cleanup, s0, s1, s2, s3));
  exec.depth = depth + 1;
  const value = fn(undefined, s0, s1, s2, s3);
  exec.depth = depth;
  return value;
}

/** `await this.#m(x)` of such a method. */
export function callMethod(
  fn: Reentered,
  cleanup: Cleanup,
  self: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): unknown {
  const { depth } = exec;
  if (depth >= DEPTH_LIMIT) return makeRoom(newMethod(fn, cleanup, self, s1, s2, s3));
  exec.depth = depth + 1;
  const value = fn.call(self, undefined, s1, s2, s3);
  exec.depth = depth;
  return value;
}

/** It waits: gives SUSPEND, when it has kept its variables. One that has no frame yet stands on the JavaScript stack. */
export function leave(
  frame: ReenteredCoroutine<any> | undefined,
  fn: Reentered,
  cleanup: Cleanup,
  place: number,
  s0?: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): typeof SUSPEND {
  if (frame === undefined) return leaveFirst(new ReenteredCoroutine(fn, cleanup, s0, s1, s2, s3), place);
  frame.s0 = s0;
  frame.s1 = s1;
  frame.s2 = s2;
  frame.s3 = s3;
  frame.status = (frame.status & CLEANUP) | SUSPENDED | (place << SHIFT);
  return SUSPEND;
}

/** The same of a method that may be called without a frame. */
export function leaveMethod(
  frame: ReenteredCoroutine<any> | undefined,
  fn: Reentered,
  cleanup: Cleanup,
  place: number,
  self: unknown,
  s1?: unknown,
  s2?: unknown,
  s3?: unknown,
): typeof SUSPEND {
  if (frame === undefined) return leaveFirst(newMethod(fn, cleanup, self, s1, s2, s3), place);
  return leave(frame, fn, cleanup, place, self, s1, s2, s3);
}

function leaveFirst(frame: ReenteredCoroutine<any>, place: number): typeof SUSPEND {
  frame.status |= SUSPENDED | (place << SHIFT);
  frame.unwind();
  return SUSPENSION;
}

/** `return e`: what it gives, or SUSPEND when that has to be waited for and there is nothing else left to do. */
export function handOn(value: unknown, frame: ReenteredCoroutine<any> | undefined, fn: Reentered): unknown {
  if (typeof value !== "symbol" || value !== SUSPENSION) return value;
  if (frame === undefined) {
    frame = new ReenteredCoroutine(fn, NOTHING, undefined, undefined, undefined, undefined);
    frame.unwind();
  }
  frame.handOn();
  return SUSPEND;
}
