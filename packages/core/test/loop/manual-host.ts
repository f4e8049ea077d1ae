import type { Host, HostTimer, Interrupt } from "tsyncio";

interface Alarm {
  readonly at: number;
  readonly fn: () => void;
}

/** A host whose clock and turns are moved by the test, which therefore need not wait for anything. */
export class ManualHost implements Host {
  time = 0;
  /** Called at each reading of the clock: code that takes its time. */
  onRead: (() => void) | null = null;
  readonly scheduled: (() => void)[] = [];
  readonly alarms = new Set<Alarm>();
  readonly held = new Set<() => void>();
  readonly listeners = new Set<Interrupt>();
  readonly exits: string[] = [];

  now(): number {
    this.onRead?.();
    return this.time;
  }

  schedule(turn: () => void): void {
    this.scheduled.push(turn);
  }

  setTimer(at: number, fn: () => void): HostTimer {
    const alarm = { at, fn };
    this.alarms.add(alarm);
    return { cancel: () => void this.alarms.delete(alarm) };
  }

  hold(stranded: () => void): () => void {
    this.held.add(stranded);
    return () => void this.held.delete(stranded);
  }

  onInterrupt(listener: Interrupt): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  exit(signal: string): void {
    this.exits.push(signal);
  }

  /** Gives one turn; false when nobody has asked for one. */
  turn(): boolean {
    const turn = this.scheduled.shift();
    turn?.();
    return turn !== undefined;
  }

  /** Gives turns until nobody asks for more. */
  settle(): void {
    while (this.turn());
  }

  /** Moves the clock, rings what is due, gives turns. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
    for (const alarm of [...this.alarms].sort((a, b) => a.at - b.at)) {
      if (alarm.at > this.time || !this.alarms.delete(alarm)) continue;
      alarm.fn();
    }
    this.settle();
  }

  /** Nothing is left that could wake a loop. */
  strand(): void {
    for (const stranded of this.held) stranded();
  }
}
