import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import {
  DEPTH_LIMIT,
  GIVES,
  GeneratorCoroutine,
  enter,
  generatorNext,
  generatorReturn,
  generatorThrow,
  yielded,
} from "./generator-coroutine.ts";
import { type Cleanup, EMIT, SUSPEND, THROW } from "./protocol.ts";

export const NEXT = 0;
export const THROW_IN = 1;
export const RETURN = 2;
/** What `yield*` stands on. */
export interface Delegate {
  /** The value at its end. */
  readonly value: unknown;
  /** Asks it to end: what `more` is to be given, or SUSPEND. */
  return(value: unknown): unknown;
  /** Whether it gave another item, which is in `exec.item` then. */
  more(result: unknown): boolean;
}

export type Mode = typeof NEXT | typeof THROW_IN | typeof RETURN;

/**
 * The running half of an async generator: a frame that is resumed again and again, and hands out its items with EMIT.
 * The object that users hold is only a door to it, so that a generator which nobody holds can be noticed and closed.
 */
export class Resumption {
  readonly frame: GeneratorCoroutine<any>;
  /** A step is under way, or ended by an error. */
  #busy = false;
  /** What its last item came from, when that was a `yield*`. */
  #delegate: Delegate | undefined = undefined;

  constructor(generator: Generator<any, any, any>, fn: { readonly name: string }, cleanup: Cleanup) {
    this.frame = new GeneratorCoroutine(generator, fn, cleanup);
    this.frame.status |= GIVES;
    this.frame.leave();
  }

  get closed(): boolean {
    return this.frame.state === "closed";
  }

  /** One step: EMIT with the item in `exec.item`, SUSPEND, or what the generator gives at its end. */
  resume(mode: Mode, value: unknown, what: string): unknown {
    const { frame } = this;
    const generator = frame.generator as Generator | undefined;
    if (this.#busy && frame.state !== "closed")
      throw new RuntimeError(
        `Cannot call ${what} of async generator "${frame.name}": it is already running; await the step before`,
      );
    if (generator === undefined) {
      if (mode === THROW_IN) throw value;
      return mode === RETURN ? value : undefined;
    }
    this.#busy = true;
    if (mode === RETURN && this.#delegate !== undefined)
      return enter(new GeneratorCoroutine(this.#returning(this.#delegate, value), frame, THROW));
    if (exec.depth >= DEPTH_LIMIT && mode === NEXT && value === undefined) {
      frame.unwind();
      exec.restart = true;
      return SUSPEND;
    }
    const depth = exec.depth++;
    frame.goOn();
    const step =
      mode === NEXT
        ? generatorNext.call(generator, value)
        : mode === RETURN
          ? generatorReturn.call(generator, value)
          : generatorThrow.call(generator, value);
    exec.depth = depth;
    if (step.done) {
      frame.drop();
      return step.value;
    }
    if (step.value === EMIT) {
      frame.leave();
      return EMIT;
    }
    if (step.value !== undefined) return yielded(frame, step.value);
    frame.leave();
    frame.unwind();
    return SUSPEND;
  }

  /** An item has arrived at who asked for it. */
  emitted(): void {
    this.frame.leave();
    this.#busy = false;
    this.#delegate = exec.delegate as Delegate | undefined;
  }

  /**
   * Closes what `yield*` stands on, then itself. A generator that is returned from within a `yield*` would go on behind
   * it when the inner one has to wait.
   */
  *#returning(delegate: Delegate, value: unknown): Generator<undefined, unknown, any> {
    let mode: Mode = RETURN;
    try {
      let $ = delegate.return(value);
      if ($ === SUSPEND) $ = yield;
      if (delegate.more($)) {
        exec.delegate = delegate;
        return EMIT;
      }
      value = delegate.value;
    } catch (error) {
      mode = THROW_IN;
      value = error;
    }
    this.#busy = false;
    this.#delegate = undefined;
    const $ = this.resume(mode, value, "return()");
    return $ === SUSPEND ? yield : $;
  }
}
