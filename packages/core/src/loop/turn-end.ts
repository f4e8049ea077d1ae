import type { EventLoop } from "./event-loop.ts";

const listeners: ((loop: EventLoop) => void)[] = [];

/** Calls `listener` after every turn of any loop. For what the floors above look after then. */
export function onTurnEnd(listener: (loop: EventLoop) => void): void {
  listeners.push(listener);
}

export function turnEnded(loop: EventLoop): void {
  for (let i = 0; i < listeners.length; i++) listeners[i](loop);
}
