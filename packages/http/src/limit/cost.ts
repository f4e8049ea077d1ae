/** What a request takes of each limit: `{ tokens: 700 }`. One of `requests` unless it says otherwise. */
export type Cost = Readonly<Record<string, number>>;

/** @throws {TypeError | RangeError} for what is no cost; `act` says in the message what it was for. */
export function checkCost(cost: Cost, act: string): void {
  if (typeof cost !== "object" || cost === null)
    throw new TypeError(`Cannot ${act}: expected a cost such as { tokens: 700 }, received ${String(cost)}`);
  for (const [dimension, amount] of Object.entries(cost)) {
    if (typeof amount !== "number" || !(amount >= 0) || amount === Infinity)
      throw new RangeError(`Cannot ${act}: ${dimension} must be a number >= 0, received ${String(amount)}`);
  }
}
