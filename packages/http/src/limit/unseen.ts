import type { Cost } from "./cost.ts";

/**
 * What a server has not seen, or may not have seen, when it wrote an answer: what has been granted and had not been
 * settled when the request of that answer was sent.
 */
export class Unseen {
  /** How many are neither settled nor cancelled. */
  open = 0;
  readonly #granted: Map<string, number> = new Map();
  /** What has been settled so far. It is replaced, never changed: each reservation keeps the one of its time. */
  settled: Cost = {};

  grant(cost: Cost): void {
    this.open++;
    for (const dimension in cost)
      this.#granted.set(dimension, (this.#granted.get(dimension) ?? 0) + (cost[dimension] as number));
  }

  settle(cost: Cost): void {
    this.open--;
    const settled: Record<string, number> = { ...this.settled };
    for (const dimension in cost) settled[dimension] = (settled[dimension] ?? 0) + (cost[dimension] as number);
    this.settled = settled;
  }

  /** @param settled what had been settled when the request was sent. */
  of(dimension: string, settled: Cost): number {
    return (this.#granted.get(dimension) ?? 0) - (settled[dimension] ?? 0);
  }
}
