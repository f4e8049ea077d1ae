import type { Coroutine } from "../coroutine/coroutine.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { RuntimeError } from "../errors.ts";
import { Context } from "../loop/context.ts";
import { exec } from "../loop/execution.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { DONE, Future, OUTCOME, PENDING } from "./future.ts";
import { Task } from "./task.ts";

/** Drives a coroutine by hand, step by step: the loop never runs it, and it is nobody's current task. */
export class HandDriven<T> extends Task<T> {
  /** Done when what the last step waited for has come. */
  #woken: Future<void> | undefined = undefined;

  constructor(co: Coroutine<T>, loop: EventLoop) {
    super(co, { loop });
  }

  protected override begin(): void {
    (this.frame as GeneratorCoroutine<T>).takeGenerator();
  }

  override fire(): void {
    if (this.#woken !== undefined && !this.#woken.done()) this.#woken.setResult(undefined);
  }

  step(value: unknown, threw: boolean): IteratorResult<unknown, T> {
    const { task, depth } = exec;
    const context = this.#shareContext();
    const { waitingOn } = this;
    try {
      if (threw || waitingOn === undefined) {
        this.waitingOn = undefined;
        this.run(value, threw);
      } else super.fire();
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

  /** What it waits for is told that nobody waits any more, and takes back what it granted. */
  giveUp(): void {
    const { waitingOn } = this;
    this.waitingOn = undefined;
    if (waitingOn instanceof Future) waitingOn.unlisten((listener) => listener === this);
    else {
      waitingOn?.abandon(undefined);
      waitingOn?.interrupted();
    }
  }

  /** It was closed. */
  end(): void {
    this.finish(DONE, undefined);
  }

  /** It writes its variables where its driver writes them. */
  #shareContext(): Context {
    if (exec.context === undefined) {
      exec.context = new Context();
      if (exec.task !== null) exec.task.context = exec.context;
    }
    return (this.context = exec.context);
  }

  protected override parked(): void {
    this.#woken = undefined;
  }

  override finish(outcome: number, value: unknown): void {
    this.frame = undefined;
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
  const taken = driver === undefined ? co instanceof GeneratorCoroutine && co.state !== "created" : driver.done();
  if (taken) throw new RuntimeError(`Cannot send to coroutine "${co.name}": it has already been awaited`);
  if (driver === undefined) drivers.set(co, (driver = new HandDriven(co, loop)));
  return driver.step(value, threw);
}

/** @internal Who drives it; null when nobody has begun to. */
export function drivenBy(co: Coroutine<unknown>): HandDriven<unknown> | null {
  return drivers.get(co) ?? null;
}
