import { RuntimeError } from "../errors.ts";
import { creationStack, tracing } from "../loop/creation-stack.ts";
import { exec } from "../loop/execution.ts";
import { lent } from "../loop/lent.ts";
import { Coroutine, type CoroutineState } from "./coroutine.ts";
import { isCoroutineFunction } from "./marks.ts";
import { WATCHED, created, sources, unwatch } from "./never-awaited.ts";
import { notAwaited } from "./not-awaited.ts";
import { COROUTINE, type Cleanup, EMIT, KIND, NOTHING, SUSPEND, WAITABLE, WAITS, type Waitable } from "./protocol.ts";

type Frame = Generator<unknown, any, any>;
/** What stands in the place of a generator where a plain function is called again to go on, see `ReenteredCoroutine`. */
export type Reentered = (frame: any, value?: unknown, mode?: unknown, ...more: unknown[]) => unknown;

const GeneratorPrototype = Object.getPrototypeOf(function* () {}).prototype as Frame;
// Called uncurried: generator objects have one hidden class per function, and a property access on many is slow.
export const generatorNext: Frame["next"] = GeneratorPrototype.next;
export const generatorThrow: Frame["throw"] = GeneratorPrototype.throw;
export const generatorReturn: Frame["return"] = GeneratorPrototype.return;

// V8 takes constants of a file as they are; what is imported, or exported, it looks up each time.
const next = generatorNext;
const SUSPENSION: typeof SUSPEND = SUSPEND;

/** Coroutines deeper than this are resumed from the driver's list instead of the JavaScript stack. */
export const DEPTH_LIMIT = 48;

const CREATED = 0;
export const ENTERED = 4;
export const SUSPENDED = 8;
/** Also the mask of these four. */
const CLOSED = 12;
const CLEANUP = 3;
/** The frame of an async generator, which may hand out items. */
export const GIVES = 32;
const LASTING: number = CLEANUP | GIVES;
/** It has yielded something to wait for, which is being entered: its generator rests, and it counts as running. */
export const YIELDING = 128;
/** It has not begun and has no generator: `fn` is a plain function, and `generator` what it is called with, see `tail`. */
const TAIL = 256;
const NEW_TAIL: number = TAIL | NOTHING;

/** A coroutine around a generator. The lowest bits of `status` say what a cancellation has to do with it. */
export class GeneratorCoroutine<T> extends Coroutine<T> {
  /** @internal */ generator: Frame | Reentered | undefined;
  /** @internal */ fn: { readonly name: string };
  /** @internal */ status: number;
  /** @internal While it is suspended: the frame that awaits it, null for the outermost of a task. */
  caller: GeneratorCoroutine<any> | null = null;
  static {
    Object.defineProperty(this.prototype, KIND, { value: COROUTINE });
  }

  constructor(generator: Frame | Reentered | undefined, fn: { readonly name: string }, cleanup: Cleanup) {
    super();
    this.generator = generator;
    this.fn = fn;
    this.status = cleanup;
  }

  get name(): string {
    return this.fn.name.replace(/\$+$/, "") || "anonymous";
  }

  get state(): CoroutineState {
    const status = this.status & CLOSED;
    if (status === CREATED) return "created";
    if (status === SUSPENDED && (this.status & YIELDING) === 0)
      return exec.task !== null && exec.task.frame === this ? "running" : "suspended";
    if ((this.status & YIELDING) !== 0) return "running";
    const { generator } = this;
    if (status === CLOSED || generator === undefined) return "closed";
    if (typeof generator === "function") return "running";
    // Entered and not left behind: either on the JavaScript stack, where it refuses to be resumed, or finished.
    try {
      generatorNext.call(generator, undefined);
      return "closed";
    } catch {
      return "running";
    }
  }

  /** @internal Takes it for its one run, which begins later: until then it counts as suspended. */
  claim(): void {
    if (this.status >= ENTERED) onceMore(this);
    this.status |= SUSPENDED;
  }

  /** @internal Its generator waits, or has given an item. */
  leave(): void {
    this.status = (this.status & LASTING) | SUSPENDED;
  }

  /** @internal Its generator waits while the stack unwinds: it becomes the caller of the frame before. */
  unwind(): void {
    const { outermost } = exec;
    if (outermost === null) exec.innermost = this;
    else outermost.caller = this;
    exec.outermost = this;
  }

  /** @internal Its generator goes on, on the JavaScript stack. Where a task resumes it, it stays suspended for all others. */
  goOn(): void {
    this.status = (this.status & LASTING) | ENTERED;
  }

  /** @internal It has ended but for what it gives, which is waited for: it has no generator any more. */
  handOn(): void {
    this.generator = undefined;
    this.status = SUSPENDED | NOTHING;
  }

  /** @internal */
  drop(): void {
    this.status = CLOSED;
    this.generator = undefined;
  }

  /** @internal Its task is made after all. */
  unclaim(): void {
    this.status &= ~SUSPENDED;
  }

  /** @internal Nobody has awaited or scheduled it. */
  get isNew(): boolean {
    return (this.status & CLOSED) === CREATED;
  }

  /** @internal It begins by `startTail`. */
  get isTail(): boolean {
    return (this.status & TAIL) !== 0;
  }

  /** @internal Has it begin as any other, by its generator. */
  takeGenerator(): void {
    if ((this.status & TAIL) === 0) return;
    this.status &= ~TAIL;
    this.generator = calling(this.fn as TailFunction, this.generator);
  }

  get cleanup(): Cleanup {
    return (this.status & CLEANUP) as Cleanup;
  }

  close(): void {
    if ((this.status & WATCHED) !== 0) unwatch(this);
    const { state } = this;
    if (state === "running") throw new RuntimeError(`Cannot close coroutine "${this.name}": it is running`);
    // Those that it awaits are closed first: who drives it knows them.
    if (state === "suspended") return lent.close(this);
    this.drop();
  }

  throw(error: unknown): IteratorResult<unknown, T> {
    // As the delegate of a `yield*` it is over by the time something is thrown: the error just goes through.
    const status = this.status & CLOSED;
    if (status === CLOSED || status === ENTERED) throw error;
    return lent.drive(this, error, true);
  }

  /** @internal As the delegate of `yield*`: the first call enters, the second brings the result. */
  next(value?: unknown): IteratorResult<undefined, T> {
    if ((this.status & CLOSED) !== CREATED) {
      if (exec.innermost !== null) notAwaited(this);
      return { done: true, value: value as T };
    }
    let result: unknown;
    if (this.status < ENTERED && exec.depth < DEPTH_LIMIT && typeof this.generator === "object") {
      const step = firstStep(this);
      // What the generator gives is what is asked for here.
      if (step.done && step.value !== SUSPENSION) return step;
      result = leaveBehind(this, step);
    } else result = enter(this);
    return result === SUSPENSION ? WAITS : { done: true, value: result as T };
  }

  /** @internal */
  return(value?: unknown): IteratorResult<undefined, T> {
    if (exec.innermost !== null) notAwaited(this);
    return { done: true, value: value as T };
  }

  [Symbol.iterator](): Iterator<undefined, T, any> {
    if (this.status >= ENTERED) onceMore(this);
    return this as unknown as Iterator<undefined, T, any>;
  }
}

/** A coroutine for somebody to await, who may forget it. */
export function newCoroutine(
  generator: Frame,
  fn: { readonly name: string },
  cleanup: Cleanup,
): GeneratorCoroutine<any> {
  return watched(new GeneratorCoroutine<any>(generator, fn, cleanup));
}

/** One that somebody may forget. */
export function watched<C extends GeneratorCoroutine<any>>(co: C): C {
  // One that is not entered before the next one is made may be one that was forgotten.
  const before = exec.newest;
  if (before !== null && (before.status & CLOSED) === CREATED) created(before);
  exec.newest = co;
  if (tracing.on) sources.set(co, creationStack());
  return co;
}

/** Of what is not plainly new: it was watched as forgotten, which ends here; it is a tail; or it has been awaited. */
export function onceMore(co: GeneratorCoroutine<unknown>): void {
  if ((co.status & WATCHED) !== 0) unwatch(co);
  else if ((co.status & CLOSED) !== CREATED) throw alreadyAwaited(co);
}

/** @internal */
export function alreadyAwaited(co: { readonly name: string }): RuntimeError {
  return new RuntimeError(
    `Cannot await coroutine "${co.name}": it has already been awaited; call ${co.name}() again for a new one`,
  );
}

/**
 * Awaits: gives the value at once when it can, runs a coroutine on the JavaScript stack, and gives SUSPEND when the
 * caller must yield, or return it when that is all it has left to do. Throws what the await throws. What the keywords
 * and `yield*` are compiled to.
 */
export function enter(x: any): any {
  if (typeof x === "object" && x !== null) {
    const kind = x[KIND];
    if (kind === COROUTINE) return enterCoroutine(x as GeneratorCoroutine<unknown>);
    if (kind === WAITABLE) return (x as Waitable).enter();
  }
  return enterOther(x);
}

function enterOther(x: any): any {
  if (typeof x === "object" && x !== null) return foreign.enter(x);
  return typeof x === "function" ? enterFunction(x) : x;
}

function enterCoroutine(co: GeneratorCoroutine<unknown>): unknown {
  if (co.status >= ENTERED) {
    onceMore(co);
    if ((co.status & TAIL) !== 0) return enterTail(co);
  }
  if (exec.depth >= DEPTH_LIMIT) return makeRoom(co);
  const step = firstStep(co);
  if (step.done && step.value !== SUSPENSION) return step.value;
  return leaveBehind(co, step);
}

/** On the JavaScript stack. */
function firstStep(co: GeneratorCoroutine<unknown>): IteratorResult<any, any> {
  const { depth } = exec;
  co.status |= ENTERED;
  exec.depth = depth + 1;
  const step = next.call(co.generator as Frame, undefined);
  exec.depth = depth;
  return step;
}

/** A plain function that a coroutine is made of when it waits at most for what it gives. */
type TailFunction = (argument: unknown, second?: unknown) => unknown;

/**
 * A coroutine of a function that waits at most for what it gives: it needs no generator, unless that has to wait. It is
 * called when it is awaited or scheduled. There is room for one argument: two are kept by a generator.
 */
export function tail(fn: TailFunction, argument: unknown, second?: unknown): GeneratorCoroutine<any> {
  if (second !== undefined) return newCoroutine(calling(fn, argument, second), fn, NOTHING);
  return newCoroutine(argument as Frame, fn, NEW_TAIL as Cleanup);
}

function enterTail(co: GeneratorCoroutine<unknown>): unknown {
  if (exec.depth >= DEPTH_LIMIT) {
    co.takeGenerator();
    return makeRoom(co);
  }
  const depth = exec.depth++;
  const value = startTail(co);
  exec.depth = depth;
  if (value === SUSPENSION) co.unwind();
  return value;
}

/** @internal As `enter` of what stands outermost, with nothing on the stack yet. */
export function enterOutermost(co: GeneratorCoroutine<unknown>): unknown {
  if (co.status !== NEW_TAIL) return enter(co);
  const value = startTail(co);
  if (value === SUSPENSION) co.unwind();
  return value;
}

/** @internal Calls it: what it gives, or SUSPEND. */
export function startTail(co: GeneratorCoroutine<unknown>): unknown {
  const fn = co.fn as TailFunction;
  const argument = co.generator;
  co.status = ENTERED | YIELDING;
  let value: unknown;
  try {
    value = enter(fn(argument));
  } catch (error) {
    co.drop();
    throw error;
  }
  if (value === SUSPENSION) co.handOn();
  else co.drop();
  return value;
}

/** `await f(x)` of such a function that the compiler knows: as `enter(tail(f$, x))`, see `call`. */
export function callTail(fn: TailFunction, argument: unknown, second?: unknown): unknown {
  if (exec.depth >= DEPTH_LIMIT) return enterTail(tail(fn, argument, second));
  const depth = exec.depth++;
  const value = enter(fn(argument, second));
  exec.depth = depth;
  if (value !== SUSPENSION) return value;
  const co = new GeneratorCoroutine(undefined, fn, NOTHING);
  co.handOn();
  co.unwind();
  return SUSPEND;
}

// oxlint-disable-next-line require-yield -- what it gives is waited for without it
function* calling(fn: TailFunction, argument: unknown, second?: unknown): Frame {
  return enter(fn(argument, second));
}

/**
 * `await f(x)` of a function whose generator the compiler knows: as `enter(f(x))`, but the coroutine is made only when
 * its frame is left behind.
 */
export function call(fn: { readonly name: string }, cleanup: Cleanup, generator: Frame): unknown {
  const { depth } = exec;
  if (depth >= DEPTH_LIMIT) return makeRoom(new GeneratorCoroutine(generator, fn, cleanup));
  exec.depth = depth + 1;
  const step = next.call(generator, undefined);
  exec.depth = depth;
  if (step.done && step.value !== SUSPENSION) return step.value;
  return leaveBehind(new GeneratorCoroutine(generator, fn, cleanup), step);
}

/** The stack is left only to make room: the frame begins at once, on an empty one. */
export function makeRoom(co: GeneratorCoroutine<unknown>): typeof SUSPEND {
  co.leave();
  co.unwind();
  exec.restart = true;
  return SUSPEND;
}

/** A frame that has been entered waits. */
function leaveBehind(co: GeneratorCoroutine<unknown>, step: IteratorResult<unknown>): unknown {
  if (step.done) co.handOn();
  else if (step.value !== undefined) return yielded(co, step.value);
  else co.leave();
  co.unwind();
  return SUSPEND;
}

/** A frame has yielded something to wait for (`yield x`, untyped): enters it, as often as it comes. */
export function yielded(co: GeneratorCoroutine<unknown>, value: unknown): unknown {
  const generator = co.generator as Frame;
  const depth = exec.depth++;
  for (;;) {
    let result: unknown;
    let threw = false;
    co.status |= YIELDING;
    try {
      result = value === EMIT ? givenBy(co) : enterYielded(value);
    } catch (error) {
      result = error;
      threw = true;
    }
    if (result === SUSPEND) break;
    if (result === EMIT) {
      exec.depth = depth;
      return EMIT;
    }
    co.status &= ~YIELDING;
    const step = threw ? generatorThrow.call(generator, result) : generatorNext.call(generator, result);
    if (step.done) {
      exec.depth = depth;
      return step.value;
    }
    if (step.value === undefined) break;
    value = step.value;
  }
  exec.depth = depth;
  co.leave();
  co.unwind();
  return SUSPEND;
}

/** @internal A frame hands out an item. @throws {RuntimeError} unless it is the one of an async generator. */
export function givenBy(frame: GeneratorCoroutine<unknown>): typeof EMIT {
  if ((frame.status & GIVES) !== 0) return EMIT;
  throw new RuntimeError("Cannot give an item: yield* give() belongs into an asyncGenerator()");
}

/** What `yield x` awaits. A coroutine function is surely meant to be called; `await` cannot say so, since `return fn` awaits too. */
export function enterYielded(x: unknown): unknown {
  if (isCoroutineFunction(x))
    throw new TypeError(`Cannot await ${x.name}: received the coroutine function itself; call it: ${x.name || "fn"}()`);
  return enter(x);
}

function enterFunction(x: Function): unknown {
  return typeof (x as { then?: unknown }).then === "function" ? foreign.enter(x as never) : x;
}

/** How objects of other makers are awaited; filled in by promise.ts, which builds on this file. */
export const foreign: { enter(x: any): unknown } = { enter: (x) => x };
