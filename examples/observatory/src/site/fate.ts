import { createHash } from "node:crypto";

/** What becomes of a request: how long it takes, and whether it is answered as it should be. */
export interface Fate {
  /** Milliseconds before anything is sent. */
  readonly latency: number;
  readonly fault: Fault | undefined;
}

/**
 * - `error`: 500, 502 or 503
 * - `reset`: the connection is closed without an answer
 * - `stall`: no answer for as long as anybody waits
 * - `cut`: the connection is closed in the middle of the body
 * - `short`: half of the body, sent as if it were all of it
 */
export type Fault = "error" | "reset" | "stall" | "cut" | "short";

const SHARES: readonly (readonly [Fault, number])[] = [
  ["error", 0.02],
  ["reset", 0.015],
  ["stall", 0.004],
  ["cut", 0.01],
  ["short", 0.006],
];
/** From this attempt on a request is answered, so that nothing stays out of reach. */
const ATTEMPTS_WITH_FAULTS = 3;
const LATENCY = { least: 50, mean: 250, most: 1_000 };

/** Draws the fate of the nth request (from 0) for a path: the same for the same seed, path and n. */
export function fateOf(seed: string, path: string, attempt: number): Fate {
  const [first, second] = draw(`${seed} ${path} ${attempt}`);
  const spread = -Math.log(1 - first) * (LATENCY.mean - LATENCY.least);
  return { latency: Math.min(LATENCY.least + spread, LATENCY.most), fault: faultAt(second, attempt) };
}

function faultAt(point: number, attempt: number): Fault | undefined {
  if (attempt >= ATTEMPTS_WITH_FAULTS) return undefined;
  let end = 0;
  for (const [fault, share] of SHARES) {
    end += share;
    if (point < end) return fault;
  }
  return undefined;
}

/** Two numbers in [0, 1). */
function draw(text: string): [number, number] {
  const bytes = createHash("sha256").update(text).digest();
  return [bytes.readUInt32BE(0) / 2 ** 32, bytes.readUInt32BE(4) / 2 ** 32];
}
