import type { Coroutine } from "../coroutine/coroutine.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import type { Waitable } from "../coroutine/protocol.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { GeneratorCoroutine } from "../coroutine/coroutine.ts";
import { DONE, Future, OUTCOME, PENDING } from "./future.ts";
import { Task } from "./task.ts";

/** Drives a coroutine by hand, step by step: the loop never runs it, and it is nobody's current task. */
export class HandDriven<T> extends Task<T> {
  /** Done when what the last step waited for has come. */
  #woken: Future<void> | undefined = undefined;

  constructor(co: Coroutine<T>, loop: EventLoop) {
    super(co, { loop });
  }

  protected override begin(): void {}

  override fire(): void {
    if (this.#woken !== undefined && !this.#woken.done()) this.#woken.setResult(undefined);
  }

  step(value: unknown, threw: boolean): IteratorResult<unknown, T> {
    const { task, context, depth } = exec;
    this.context = context;
    const { waitingOn } = this;
    try {
      if (threw || waitingOn === undefined) this.run(value, threw);
      else super.fire();
    } finally {
      exec.task = task;
      exec.context = context;
      exec.depth = depth;
    }
    const outcome = this.state & OUTCOME;
    if (outcome === DONE) return { done: true, value: this.value as T };
    if (outcome !== PENDING) throw this.failure();
    return {
      done: false,
      value: this.waitingOn === undefined ? undefined : (this.#woken ??= new Future<void>({ loop: this.loop })),
    };
  }

  protected override parked(waitable: Waitable | undefined): void {
    exec.waiting = undefined;
    this.waitingOn = waitable;
    this.#woken = undefined;
  }

  protected override finish(outcome: number, value: unknown): void {
    this.frame = undefined;
    this.outer = undefined;
    this.state = (this.state & ~OUTCOME) | outcome;
    this.value = value;
  }
}

const drivers = new WeakMap<Coroutine<any>, HandDriven<any>>();

/** @internal */
export function drive<T>(
  co: Coroutine<T>,
  loop: EventLoop,
  value: unknown,
  threw: boolean,
): IteratorResult<unknown, T> {
  let driver = drivers.get(co);
  if (driver === undefined) {
    if (co instanceof GeneratorCoroutine && co.state !== "created")
      throw new RuntimeError(`Cannot send to coroutine "${co.name}": it has already been awaited`);
    driver = new HandDriven(co, loop);
    drivers.set(co, driver);
  }
  if (driver.done()) throw new RuntimeError(`Cannot send to coroutine "${co.name}": it has already been awaited`);
  return driver.step(value, threw);
}
