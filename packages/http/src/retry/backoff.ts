import { type Duration, milliseconds } from "tsyncio";

/** How the time between attempts grows. */
export interface BackoffOptions {
  /** Before the second attempt. Default: 200 ms. */
  readonly initial?: Duration;
  /** What it grows by with each attempt. Default: 2. */
  readonly factor?: number;
  /** It grows no further. Default: 30 s. */
  readonly max?: Duration;
  /**
   * `"full"`: any time between nothing and that, so that clients which failed together do not come back together.
   * `"none"`: exactly that. Default: `"full"`.
   */
  readonly jitter?: "full" | "none";
}

/**
 * How long to wait after an attempt that has failed, ms.
 *
 * @param attempt which one failed, from 1.
 * @throws {RangeError | TypeError} for options that are none.
 * @example
 * ```ts
 * import { backoff } from "@tsyncio/http";
 * console.log([1, 2, 3].map((attempt) => backoff(attempt, { jitter: "none" }))); // → [ 200, 400, 800 ]
 * ```
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(attempt: number, options: BackoffOptions = {}, random: () => number = Math.random): number {
  const { factor = 2, jitter = "full" } = options;
  const initial = duration(options.initial ?? "200ms", "initial");
  const max = duration(options.max ?? "30s", "max");
  if (!(factor >= 1 && factor < Infinity))
    throw new RangeError(`Cannot back off: factor must be at least 1 and finite, received ${String(factor)}`);
  if (jitter !== "full" && jitter !== "none")
    throw new RangeError(`Cannot back off: jitter must be "full" or "none", received ${JSON.stringify(jitter)}`);
  const longest = Math.min(max, initial * factor ** (attempt - 1));
  return jitter === "none" ? longest : random() * longest;
}

function duration(value: Duration, what: string): number {
  const ms = milliseconds(value);
  if (ms < 0) throw new RangeError(`Cannot back off: ${what} must be at least 0, received ${String(value)}`);
  return ms;
}
