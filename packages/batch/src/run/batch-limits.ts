import { type Rate, RateLimits, type RateLimitsOptions } from "@tsyncio/http";
import { type DurationString, milliseconds } from "tsyncio";

/** What may go at once, when nothing else is said: as much as comes in this time. */
const AT_ONCE = 1_000;
const FORMAT = /^(\d+(?:\.\d+)?)\/(.+)$/;

/**
 * The limits of a batch. Requests of very different costs leave one limit idle while they wait for another one: with a second's
 * worth at once neither is lost. Services enforce the limits of a minute by the second.
 *
 * @throws {TypeError | RangeError} for what is no rate.
 */
export function batchLimits(limits: RateLimits | RateLimitsOptions | undefined): RateLimits {
  if (limits === undefined || limits instanceof RateLimits) return limits ?? new RateLimits();
  return new RateLimits(
    Object.fromEntries(
      Object.entries(limits).map(([name, given]) => [name, isList(given) ? given.map(withBurst) : withBurst(given)]),
    ),
  );
}

function isList(given: Rate | readonly Rate[]): given is readonly Rate[] {
  return Array.isArray(given);
}

function withBurst(rate: Rate): Rate {
  const options = typeof rate === "string" ? parsed(rate) : rate;
  if (typeof options !== "object" || options === null || options.burst !== undefined) return rate;
  const per = milliseconds(options.per);
  return { ...options, burst: Math.min(options.rate, Math.max(1, (options.rate * AT_ONCE) / per)) };
}

/** What is none is left to `RateLimits`, which says so. */
function parsed(rate: string): Exclude<Rate, string> | null {
  const match = FORMAT.exec(rate);
  return match === null ? null : { rate: Number(match[1]), per: match[2] as DurationString };
}
