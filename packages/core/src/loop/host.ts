import { browserHost } from "./browser-host.ts";
import { type NodeProcess, nodeHost } from "./node-host.ts";

/** A timer of the host. */
export interface HostTimer {
  cancel(): void;
}

/** Why a program is asked to end. */
export type Interrupt = (signal: string) => void;

/**
 * Where a loop meets its platform: the one seam. Node, browsers and simulations each implement it.
 * All times are milliseconds on one monotonic clock.
 */
export interface Host {
  now(): number;
  /** Calls `turn` soon, from a fresh stack, after input and output that is ready has had its chance. */
  schedule(turn: () => void): void;
  /** Calls `fn` at or after `at`. Early is allowed: the loop looks again. */
  setTimer(at: number, fn: () => void): HostTimer;
  /**
   * A loop starts to run. `stranded` is to be called when nothing is left that could ever wake it; it may be called
   * again. Gives the function that ends the hold.
   */
  hold(stranded: () => void): () => void;
  /** Listens for requests to end the program (SIGINT, SIGTERM). Gives the function that stops listening. */
  onInterrupt?(listener: Interrupt): () => void;
  /** Ends the program at once: the second interrupt. */
  exit?(signal: string): void;
  /** Calls `fn` when the program is about to end. */
  onExit?(fn: () => void): void;
}

let platform: Host | undefined;

/** The host of this JavaScript realm: Node (also Deno and Bun), else a browser. */
export function platformHost(): Host {
  const { process, setImmediate: immediate } = globalThis as unknown as {
    process?: NodeProcess;
    setImmediate?: (callback: () => void) => unknown;
  };
  platform ??=
    process?.versions?.node !== undefined && immediate !== undefined ? nodeHost(process, immediate) : browserHost();
  return platform;
}
