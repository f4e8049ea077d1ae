import { type ReadableHeaders, answeredAt, httpDate } from "./http-date.ts";

const SECONDS = /^\d+(\.\d+)?$/;

/**
 * How long the server asks to be left alone, in milliseconds; null when it does not say. Reads `Retry-After`, as seconds
 * or as a date, and `Retry-After-Ms`, which some services send beside it because it is finer. A date is compared with the
 * `Date` of the answer, so that a clock that is wrong does no harm.
 *
 * @param now milliseconds since 1970, for an answer without a `Date`. Default: `Date.now()`.
 * @example
 * ```ts
 * import { retryAfter } from "@tsyncio/http";
 * console.log(retryAfter(new Headers({ "Retry-After": "2" }))); // → 2000
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfter(headers: ReadableHeaders, now: number = Date.now()): number | null {
  const fine = headers.get("retry-after-ms")?.trim();
  if (fine !== undefined && SECONDS.test(fine)) return Number(fine);
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return null;
  if (SECONDS.test(value)) return Number(value) * 1_000;
  // Date.parse makes a year of a number alone, such as "-5".
  const date = /[A-Za-z]/.test(value) ? httpDate(value) : null;
  return date === null ? null : Math.max(0, date - answeredAt(headers, now));
}
