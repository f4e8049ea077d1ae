/** What an answer says about one limit. Null is what it does not say. */
export interface Quota {
  /** Which limit, among those that its server has. */
  readonly name: string;
  /** What it counts. */
  readonly dimension: string;
  readonly limit: number | null;
  /** In which time, ms. */
  readonly per: number | null;
  readonly remaining: number | null;
  /** In how many milliseconds all of it is there again. */
  readonly resetsIn: number | null;
  /** Whether it comes back little by little until then, as in a bucket, or all at once. */
  readonly refills: "gradually" | "at once";
}

/** The number in a header; null for what is none. */
export function count(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return null;
  return Number(text);
}
