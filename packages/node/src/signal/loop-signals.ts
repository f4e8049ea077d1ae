import { type EventLoop, type LoopResource, RuntimeError } from "tsyncio";
import { builtin } from "../builtin.ts";

interface Listening {
  readonly listeners: Set<() => void>;
  readonly heard: () => void;
}

const signalsOf: WeakMap<EventLoop, LoopSignals> = new WeakMap();

/** Who listens to signals on a loop. Each signal has one listener of the process, while somebody listens to it. */
export class LoopSignals implements LoopResource {
  /** What `addSignalHandler` was given: one for each signal. */
  readonly handlers: Map<NodeJS.Signals, () => void> = new Map();
  readonly #loop: EventLoop;
  readonly #listening: Map<NodeJS.Signals, Listening> = new Map();

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  static of(loop: EventLoop): LoopSignals {
    let signals = signalsOf.get(loop);
    if (signals === undefined) signalsOf.set(loop, (signals = new LoopSignals(loop)));
    return signals;
  }

  /**
   * Calls `listener`, between the turns of the loop, at each arrival of the signal.
   *
   * @throws {RuntimeError} on another thread than the main one, and for a signal that cannot be caught.
   */
  listen(signal: NodeJS.Signals, listener: () => void): void {
    const before = this.#listening.get(signal);
    if (before !== undefined) {
      before.listeners.add(listener);
      return;
    }
    if (!builtin("worker_threads").isMainThread)
      throw new RuntimeError(`Cannot listen to ${signal}: signals reach the main thread only`);
    const listeners = new Set([listener]);
    const heard = (): void => {
      for (const fn of listeners) fn();
    };
    try {
      process.on(signal, heard);
    } catch (cause) {
      throw new RuntimeError(`Cannot listen to ${signal}: it cannot be caught`, { cause });
    }
    this.#listening.set(signal, { listeners, heard });
    this.#loop.handledSignals.add(signal);
    this.#loop.resources.add(this);
  }

  /** The last listener that leaves gives the signal its default effect back. */
  unlisten(signal: NodeJS.Signals, listener: () => void): void {
    const listening = this.#listening.get(signal);
    if (listening?.listeners.delete(listener) !== true || listening.listeners.size > 0) return;
    process.off(signal, listening.heard);
    this.#listening.delete(signal);
    this.#loop.handledSignals.delete(signal);
    if (this.#listening.size === 0) this.#loop.resources.delete(this);
  }

  loopClosed(): void {
    for (const [signal, { heard }] of this.#listening) process.off(signal, heard);
    this.#listening.clear();
    this.handlers.clear();
    this.#loop.handledSignals.clear();
  }
}
