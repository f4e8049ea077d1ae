import type { Host } from "./host.ts";
import { now, setHostTimer } from "./host-timer.ts";

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
}

type Channel = new () => { readonly port1: Port; readonly port2: Port };

/** A page or a worker: nothing there says that a program is about to end, or asks it to. */
export function browserHost(): Host {
  const { MessageChannel } = globalThis as unknown as { MessageChannel?: Channel };
  return {
    now,
    schedule: MessageChannel === undefined ? (turn) => void setTimeout(turn, 0) : byMessage(new MessageChannel()),
    setTimer: setHostTimer,
    hold: () => () => {},
  };
}

/** A message is the shortest way to a fresh stack: setTimeout(0) waits 4 ms when it is nested. */
function byMessage({ port1, port2 }: InstanceType<Channel>): (turn: () => void) => void {
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (turn) => {
    waiting.push(turn);
    port2.postMessage(null);
  };
}
