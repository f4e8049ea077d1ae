import type { Host, HostTimer } from "tsyncio";

/** Time that jumps to the next timer as soon as nothing else is to be done. On any platform: turns are messages. */
export class VirtualHost implements Host {
  time = 0;
  readonly #turns: (() => void)[] = [];
  readonly #channel = new MessageChannel();

  constructor() {
    // As every platform has it; Node's types do not know it.
    const port = this.#channel.port1 as unknown as { onmessage: () => void; unref?(): void };
    port.onmessage = () => this.#turns.shift()?.();
    port.unref?.();
  }

  now(): number {
    return this.time;
  }

  schedule(turn: () => void): void {
    this.#turns.push(turn);
    this.#channel.port2.postMessage(null);
  }

  setTimer(at: number, fn: () => void): HostTimer {
    let cancelled = false;
    this.schedule(() => {
      if (cancelled) return;
      this.time = Math.max(this.time, at);
      fn();
    });
    return { cancel: () => void (cancelled = true) };
  }

  hold(_stranded: () => void): () => void {
    return () => {};
  }
}
