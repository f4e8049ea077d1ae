import type { Host, HostTimer } from "tsyncio";

/** Time that jumps to the next timer as soon as nothing else is to be done. */
export class VirtualHost implements Host {
  time = 0;

  now(): number {
    return this.time;
  }

  schedule(turn: () => void): void {
    setImmediate(turn);
  }

  setTimer(at: number, fn: () => void): HostTimer {
    const timer = setImmediate(() => {
      this.time = Math.max(this.time, at);
      fn();
    });
    return { cancel: () => clearImmediate(timer) };
  }

  hold(): () => void {
    return () => {};
  }
}
