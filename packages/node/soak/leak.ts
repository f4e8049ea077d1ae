import { openSync } from "node:fs";

const kept: unknown[] = [];

/** Leaks that can be planted, to see that they are found. Each leaks once at each call. */
export const leaks: Readonly<Record<string, () => void>> = {
  descriptor: () => void openSync("/dev/null", "r"),
  timer: () => void setTimeout(() => {}, 3_600_000),
  heap: () => void kept.push(new Array(50_000).fill(kept.length)),
};
