import type { Host, Interrupt } from "./host.ts";
import { now, setHostTimer } from "./host-timer.ts";

/** What of Node's `process` is used. */
export interface NodeProcess {
  readonly versions: Readonly<Record<string, string | undefined>>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  listenerCount(event: string): number;
  exit(code?: number): never;
}

const EXIT_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

type Listeners = Set<{ readonly fn: () => void }>;

/** Any number of loops behind one listener of the process, which is there while one of them listens. */
class SharedListener {
  readonly #process: NodeProcess;
  readonly #event: string;
  readonly #listeners: Listeners = new Set();
  readonly #heard: () => void;

  constructor(process: NodeProcess, event: string, tell: (listeners: Listeners) => void) {
    this.#process = process;
    this.#event = event;
    this.#heard = () => tell(this.#listeners);
  }

  /** Whether the program itself listens. */
  get taken(): boolean {
    return this.#listeners.size === 0 && this.#process.listenerCount(this.#event) > 0;
  }

  add(fn: () => void): () => void {
    const listener = { fn };
    if (this.#listeners.size === 0) this.#process.on(this.#event, this.#heard);
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#process.off(this.#event, this.#heard);
    };
  }
}

function tellAll(listeners: Listeners): void {
  for (const { fn } of listeners) fn();
}

/** Tells the newest first, until one of them leaves. */
function tellOne(listeners: Listeners): boolean {
  const { size } = listeners;
  return [...listeners].reverse().some(({ fn }) => {
    fn();
    return listeners.size < size;
  });
}

/** Node, and what is made after its model. */
export function nodeHost(process: NodeProcess, immediate: (callback: () => void) => unknown): Host {
  // Emitted when nothing keeps the process alive any more: exactly a deadlock, while a loop waits.
  // The end of one run may be what another waits for: that one hears of it when nothing has come of the first.
  const beforeExit = new SharedListener(process, "beforeExit", (loops) => {
    if (tellOne(loops)) immediate(() => {});
  });
  const signals = Object.keys(EXIT_CODES).map((name) => ({
    name,
    listeners: new SharedListener(process, name, tellAll),
  }));
  return {
    now,
    schedule: (turn) => void immediate(turn),
    setTimer: setHostTimer,
    hold: (stranded) => beforeExit.add(stranded),
    onInterrupt(listener: Interrupt) {
      const free = signals.filter(({ listeners }) => !listeners.taken);
      const ends = free.map(({ name, listeners }) => listeners.add(() => listener(name)));
      return () => ends.forEach((end) => end());
    },
    exit: (signal) => process.exit(EXIT_CODES[signal] ?? 1),
    onExit: (fn) => void process.on("exit", fn),
  };
}
