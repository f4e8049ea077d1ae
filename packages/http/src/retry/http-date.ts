/** What headers can be read from: `HttpHeaders`, or those of `fetch`. */
export interface ReadableHeaders {
  get(name: string): string | null;
}

/** And gone through. */
export interface IterableHeaders extends ReadableHeaders, Iterable<readonly [name: string, value: string]> {
  /** A faster way to see that none of the names has one of these in it. */
  hasNameLike?(...parts: readonly string[]): boolean;
}

/** `Sun Nov  6 08:49:37 1994`, the oldest of the three forms; it says no zone and means Greenwich. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * The time of an HTTP date in milliseconds since 1970; null for what is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function httpDate(text: string): number | null {
  const time = Date.parse(ASCTIME.test(text) ? `${text} GMT` : text);
  return Number.isNaN(time) ? null : time;
}

/** What the time was for the server when it answered: by its own clock when it says so, otherwise by ours. */
export function answeredAt(headers: ReadableHeaders, now: number): number {
  const date = headers.get("date");
  return (date === null ? null : httpDate(date)) ?? now;
}
