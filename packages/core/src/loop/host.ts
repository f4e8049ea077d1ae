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

const LONGEST_TIMER = 86_400_000;

function setHostTimer(now: number, at: number, fn: () => void): HostTimer {
  const delay = Math.min(Math.max(1, Math.ceil(at - now)), LONGEST_TIMER);
  const timer = setTimeout(fn, delay);
  return { cancel: () => clearTimeout(timer) };
}

const now = (): number => performance.now();
const EXIT_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

function nodeHost(process: NodeProcess, immediate: (callback: () => void) => unknown): Host {
  return {
    now,
    schedule: (turn) => void immediate(turn),
    setTimer: (at, fn) => setHostTimer(now(), at, fn),
    // Node emits "beforeExit" when nothing keeps the process alive any more: exactly a deadlock, while a loop waits.
    hold(stranded) {
      process.on("beforeExit", stranded);
      return () => void process.off("beforeExit", stranded);
    },
    onInterrupt(listener) {
      const listeners = Object.keys(EXIT_CODES).map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, heard] of listeners) process.on(signal, heard);
      return () => {
        for (const [signal, heard] of listeners) process.off(signal, heard);
      };
    },
    exit: (signal) => process.exit(EXIT_CODES[signal] ?? 1),
    onExit: (fn) => void process.on("exit", fn),
  };
}

function browserHost(): Host {
  // A message is the shortest way to a fresh stack in a browser: setTimeout(0) waits 4 ms when nested.
  const waiting: (() => void)[] = [];
  let port: { postMessage(message: unknown): void } | undefined;
  const schedule = (turn: () => void): void => {
    if (MessageChannel === undefined) return void setTimeout(turn, 0);
    if (port === undefined) {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => waiting.shift()?.();
      port = channel.port2;
    }
    waiting.push(turn);
    port.postMessage(null);
  };
  return { now, schedule, setTimer: (at, fn) => setHostTimer(now(), at, fn), hold: () => () => {} };
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
