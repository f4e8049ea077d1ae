import { type Duration, type DurationString, milliseconds } from "tsyncio";

/** So much in each `per`, and how it may be spread over it. */
export interface RateOptions {
  /** How much may be used in any `per`. */
  readonly rate: number;
  readonly per: Duration;
  /**
   * How much may be used at once, at most `rate`. By default what comes in 50 ms, and at least 1: an even pace, which
   * also a server with a small bucket permits. `rate` itself suits a server that only counts in windows, and does a
   * short job sooner.
   */
  readonly burst?: number;
  /**
   * How much longer than `per` its windows are taken to be, as a fraction. It is for what comes to a server closer
   * together than it was sent, and for clocks that differ. Default 0.03, which leaves 97 % of the rate.
   */
  readonly margin?: number;
}

/** A rate: `"600/1m"` is `{ rate: 600, per: "1m" }`. */
export type Rate = RateOptions | `${number}/${DurationString}`;

/** A rate that has been checked. Times are milliseconds. */
export interface CheckedRate {
  readonly rate: number;
  readonly per: number;
  readonly burst: number;
  /** `per` with its margin: no more than `rate` is used in any time of this length. */
  readonly span: number;
}

/** @internal */
export const MARGIN = 0.03;
/** What an event loop may be late without losing a part of the rate, ms. */
const CATCH_UP = 50;
const FORMAT = /^(\d+(?:\.\d+)?)\/(.+)$/;

/** @throws {TypeError | RangeError} for what is no rate; `of` names it in the message. */
export function checkedRate(rate: Rate, of: string): CheckedRate {
  const options = typeof rate === "string" ? parsed(rate, of) : rate;
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      `Cannot limit ${of}: expected a rate such as "600/1m" or { rate: 600, per: "1m" }, received ${String(rate)}`,
    );
  const per = milliseconds(options.per);
  check(positive(options.rate), of, "rate must be above 0 and finite", options.rate);
  check(positive(per), of, "per must be above 0 and finite", options.per);
  const { margin = MARGIN } = options;
  check(margin >= 0 && margin < Infinity, of, "margin must be at least 0 and finite", margin);
  const { burst = Math.min(options.rate, Math.max(1, (options.rate * CATCH_UP) / per)) } = options;
  check(burst > 0 && burst <= options.rate, of, `burst must be above 0 and at most the rate, ${options.rate}`, burst);
  return { rate: options.rate, per, burst, span: per * (1 + margin) };
}

function parsed(rate: string, of: string): RateOptions {
  const match = FORMAT.exec(rate);
  if (match === null) throw new TypeError(`Cannot limit ${of}: expected a rate such as "600/1m", received "${rate}"`);
  return { rate: Number(match[1]), per: match[2] as DurationString };
}

function positive(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < Infinity;
}

function check(holds: boolean, of: string, rule: string, value: unknown): void {
  if (!holds) throw new RangeError(`Cannot limit ${of}: ${rule}, received ${String(value)}`);
}
