import { type IterableHeaders, answeredAt } from "../retry/http-date.ts";
import { type Quota, count } from "./quota.ts";
import { rateLimitFields } from "./ratelimit-fields.ts";
import { resetTime } from "./reset-time.ts";

/** The names of the three headers that tell of one limit, in lower case. */
interface Family {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  readonly dimension: string;
  readonly refills: Quota["refills"];
}

/** What services count, as their headers name it. */
const COUNTED: Readonly<Record<string, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};

function plain(prefix: string): Family {
  return {
    limit: `${prefix}-limit`,
    remaining: `${prefix}-remaining`,
    reset: `${prefix}-reset`,
    dimension: "requests",
    refills: "at once",
  };
}

/** OpenAI's, and those of the many that speak its protocol: a bucket, and the reset is when it is full. */
function byDimension(dimension: string, name: string): Family {
  return {
    limit: `x-ratelimit-limit-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
    reset: `x-ratelimit-reset-${name}`,
    dimension,
    refills: "gradually",
  };
}

/** Anthropic's: a bucket as well. */
function anthropic(dimension: string, name: string): Family {
  return { ...plain(`anthropic-ratelimit-${name}`), dimension, refills: "gradually" };
}

const FAMILIES: readonly Family[] = [
  plain("ratelimit"),
  plain("x-ratelimit"),
  plain("x-rate-limit"),
  ...Object.entries(COUNTED).flatMap(([dimension, name]) => [byDimension(dimension, name), anthropic(dimension, name)]),
];

/**
 * What the headers of an answer say about the limits of the service:
 *
 * | headers | of | reset |
 * |---|---|---|
 * | `RateLimit`, `RateLimit-Policy` | the IETF's drafts, 7 and from 8 on | seconds |
 * | `RateLimit-Limit`, `-Remaining`, `-Reset` | the IETF's drafts before | seconds |
 * | `X-RateLimit-Limit`, …, `X-Rate-Limit-Limit`, … | GitHub, and most others | seconds since 1970, or until then, or a date |
 * | `x-ratelimit-limit-requests`, …, `-tokens` | OpenAI | a duration: `6m0s` |
 * | `anthropic-ratelimit-requests-limit`, …, `-tokens`, `-input-tokens`, `-output-tokens` | Anthropic | a date |
 *
 * @param now milliseconds since 1970, for an answer without a `Date`.
 */
export function learntQuotas(headers: IterableHeaders, now: number = Date.now()): Quota[] {
  if (headers.hasNameLike?.(...NAMES) === false) return [];
  const told = toldBy(headers);
  if (told.size === 0) return [];
  const quotas = rateLimitFields(told);
  for (const family of FAMILIES) {
    const remaining = count(told.get(family.remaining));
    if (remaining === null) continue;
    const reset = told.get(family.reset);
    quotas.push({
      name: family.remaining,
      dimension: family.dimension,
      // Before draft 6 the policies stood behind it: `100, 100;w=60`.
      limit: count(told.get(family.limit)?.split(/[,;]/)[0]),
      per: null,
      remaining,
      resetsIn: reset === undefined ? null : resetTime(reset, () => answeredAt(headers, now)),
      refills: family.refills,
    });
  }
  return quotas;
}

/** What the name of each of them has in it. */
const NAMES = ["ratelimit", "rate-limit"];

/** The headers that may tell of limits: one pass, for most answers have none of them. */
function toldBy(headers: IterableHeaders): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!NAMES.some((part) => lower.includes(part))) continue;
    const before = told.get(lower);
    told.set(lower, before === undefined ? value : `${before}, ${value}`);
  }
  return told;
}
