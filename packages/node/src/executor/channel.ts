import type { Transferable } from "node:worker_threads";
import type { CanCarry } from "./cloneable.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** How a worker ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What ended it, where Node says so: out of memory, an error that nobody caught. */
  readonly error: unknown;
}

/** What hears a worker. */
export interface ChannelListener {
  message(message: FromWorker): void;
  /** The worker is gone; nothing comes after this. */
  exit(exit: WorkerExit): void;
}

/** The line to one worker, a thread or a process. */
export interface Channel {
  /**
   * Memory in common with a thread, of one number: how many of the jobs that it was sent have begun. It counts each before
   * it begins. The pool writes CLOSED there to have it begin no more.
   */
  readonly begun?: Int32Array;
  /** Whether a value can be sent. */
  readonly canCarry: CanCarry;
  /** @throws what cannot be cloned. */
  post(message: ToWorker, transfer: readonly Transferable[]): void;
  /** Ends the worker at once. */
  terminate(): void;
  /** Whether the worker keeps this process alive. */
  hold(held: boolean): void;
}

/** In `begun`: no job may begin. */
export const CLOSED = -1;

/** Starts a worker. */
export type OpenChannel = (listener: ChannelListener) => Channel;

/** Modules that a worker loads before anything else: the hooks that compile what this program is written in. */
const PRELOAD: unique symbol = Symbol.for("tsyncio.worker.preload") as never;

export function preloads(): readonly string[] {
  return (globalThis as unknown as { [PRELOAD]?: string[] })[PRELOAD] ?? [];
}

/** The program of a worker. It runs what was built, also where this package is run from its source. */
export function workerEntry(name: string): URL {
  const built = import.meta.url.endsWith(".ts") ? "../../dist/executor/worker/" : "./worker/";
  return new URL(`${built}${name}.js`, import.meta.url);
}
