import type { HostTimer } from "./host.ts";

/** Timers of 2³¹ ms and more would fire at once. */
const LONGEST_TIMER = 86_400_000;

/** The clock of the host: monotonic milliseconds. */
export const now = (): number => performance.now();

/** A timer of the host; early for a deadline that is very far away. */
export function setHostTimer(at: number, fn: () => void): HostTimer {
  const delay = Math.min(Math.max(1, Math.ceil(at - now())), LONGEST_TIMER);
  const timer = setTimeout(fn, delay);
  return { cancel: () => clearTimeout(timer) };
}
