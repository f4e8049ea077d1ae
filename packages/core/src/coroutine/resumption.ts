import type { Cleanup } from "./protocol.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import {
  DEPTH_LIMIT,
  GIVES,
  GeneratorCoroutine,
  generatorNext,
  generatorReturn,
  generatorThrow,
  unwound,
  yielded,
} from "./coroutine.ts";
import { fresh } from "./never-awaited.ts";
import { EMIT, SUSPEND } from "./protocol.ts";

export const NEXT = 0;
export const THROW_IN = 1;
export const RETURN = 2;
export type Mode = typeof NEXT | typeof THROW_IN | typeof RETURN;

/**
 * The running half of an async generator: a frame that is resumed again and again, and hands out its items with EMIT.
 * The object that users hold is only a door to it, so that a generator which nobody holds can be noticed and closed.
 */
export class Resumption {
  readonly frame: GeneratorCoroutine<any>;
  /** A step is under way, or ended by an error. */
  #busy = false;

  constructor(generator: Generator<any, any, any>, fn: { readonly name: string }, cleanup: Cleanup) {
    this.frame = new GeneratorCoroutine(generator, fn, cleanup);
    // It starts when it is first iterated, and need not be.
    if (fresh.last === this.frame) fresh.last = null;
    this.frame.status |= GIVES;
    this.frame.leave();
  }

  get closed(): boolean {
    return this.frame.state === "closed";
  }

  /** One step: EMIT with the item in `exec.item`, SUSPEND, or what the generator gives at its end. */
  resume(mode: Mode, value: unknown, what: string): unknown {
    const { frame } = this;
    const { generator } = frame;
    if (this.#busy && frame.state !== "closed")
      throw new RuntimeError(
        `Cannot call ${what} of async generator "${frame.name}": it is already running; await the step before`,
      );
    if (generator === undefined) {
      if (mode === THROW_IN) throw value;
      return mode === RETURN ? value : undefined;
    }
    this.#busy = true;
    if (exec.depth >= DEPTH_LIMIT && mode === NEXT && value === undefined) {
      unwound.push(frame);
      exec.restart = true;
      return SUSPEND;
    }
    const depth = exec.depth++;
    frame.reenter();
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
      this.emitted();
      return EMIT;
    }
    if (step.value !== undefined) {
      const result = yielded(frame, step.value);
      if (result === EMIT) this.emitted();
      return result;
    }
    frame.leave();
    unwound.push(frame);
    return SUSPEND;
  }

  /** An item has arrived at who asked for it. */
  emitted(): void {
    this.frame.leave();
    this.#busy = false;
  }
}
