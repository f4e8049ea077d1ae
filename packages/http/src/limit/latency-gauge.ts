/** What a round of requests tells about the server. */
export type Verdict = "less" | "more" | "the same";

/** How many requests a round has at least: of fewer the mean says little. */
const ROUND = 20;
/** How many requests make a round, at this limit. */
export function roundOf(limit: number): number {
  return Math.max(ROUND, limit);
}

/** How far what is known of the server follows a round that was made for it. */
const PROBED = 0.5;
/** And another that was faster: by chance, perhaps. */
const SEEN = 0.05;

/**
 * Whether a server has more work than it can do at once, seen from how long it takes: when requests wait there for each
 * other they take longer than when they are alone. What they take alone has to be measured again now and then, with fewer
 * of them, for it changes.
 */
export class LatencyGauge {
  readonly #tolerance: number;
  /** What a request takes when it need not wait, ms; 0 before the first round. */
  alone = 0;
  /** What requests took in the last round. */
  latest = 0;
  #sum = 0;
  #count = 0;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  /** Forgets the round that has begun. */
  begin(): void {
    this.#sum = this.#count = 0;
  }

  /** One request is over. Gives true when the round is. */
  add(elapsed: number, limit: number): boolean {
    this.#sum += elapsed;
    this.#count++;
    return this.#count >= roundOf(limit);
  }

  /** @param probing whether there were fewer requests than are allowed, so that they were alone. */
  judge(probing: boolean): Verdict {
    const latency = (this.latest = this.#sum / this.#count);
    this.begin();
    if (this.alone === 0) this.alone = latency;
    else if (probing) this.alone += PROBED * (latency - this.alone);
    else if (latency < this.alone) this.alone += SEEN * (latency - this.alone);
    if (probing) return "the same";
    return latency > this.#tolerance * this.alone ? "less" : "more";
  }
}
