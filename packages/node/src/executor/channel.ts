import type { Transferable } from "node:worker_threads";
import type { CanCarry } from "./cloneable.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { Progress } from "./progress.ts";

/** How a worker ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What ended it, where Node says so: out of memory, an error that nobody caught. */
  readonly error: unknown;
}

/** What was thrown, in a few words. */
export function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** How a worker ended, as the end of a sentence. */
export function howEnded({ code, signal, error }: WorkerExit): string {
  if (error !== null) return `ended by an error: ${messageOf(error)}`;
  return signal === null ? `ended with exit code ${code}` : `ended by ${signal}`;
}

/** What hears a worker. */
export interface ChannelListener {
  message(message: FromWorker): void;
  /** The worker is gone; nothing comes after this. */
  exit(exit: WorkerExit): void;
}

/** The line to one worker, a thread or a process. */
export interface Channel {
  /** What it has begun. Without it a worker is sent one job at a time. */
  readonly progress: Progress | null;
  /** Whether a value can be sent. */
  readonly canCarry: CanCarry;
  /** @throws what cannot be cloned. */
  post(message: ToWorker, transfer: readonly Transferable[]): void;
  /** Ends the worker at once. */
  terminate(): void;
  /** Whether the worker keeps this process alive. */
  hold(held: boolean): void;
}

/** Starts a worker. */
export type OpenChannel = (listener: ChannelListener) => Channel;

/** Modules that a worker loads before anything else: the hooks that compile what this program is written in. */
const PRELOAD: unique symbol = Symbol.for("tsyncio.worker.preload") as never;

export function preloads(): readonly string[] {
  return (globalThis as unknown as { [PRELOAD]?: string[] })[PRELOAD] ?? [];
}

/** Whether this package is run from its source, by a tool that compiles it. Workers run what was built. */
const fromSource = import.meta.url.endsWith(".ts");
/** Where the programs of workers lie: seen from this source, from the file that it became, or from the one that it is part of. */
const WORKERS = fromSource
  ? "../../dist/executor/worker/"
  : import.meta.url.endsWith("/executor/channel.js")
    ? "./worker/"
    : "./single-";

/** The program of a worker. */
export function workerEntry(name: string): URL {
  return new URL(`${WORKERS}${name}.js`, import.meta.url);
}

/** Flags of Node that a worker gets unless others are given: those of this process, but not those that led to the source. */
export const inheritedFlags: readonly string[] = fromSource ? [] : process.execArgv;
