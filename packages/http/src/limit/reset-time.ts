import { httpDate } from "../retry/http-date.ts";

const NUMBER = /^\d+(\.\d+)?$/;
/** As Go writes durations: `6m0s`, `1h2m3.5s`, `120ms`. */
const DURATION =
  /^(?=\d)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
const UNITS = [86_400_000, 3_600_000, 60_000, 1_000, 1];
/** From here on a number is seconds since 1970, and a thousand times as much milliseconds. */
const EPOCH = 1e9;

/**
 * How long until a limit is reset, ms: from seconds, a duration, seconds or milliseconds since 1970, or a date. Null for
 * what is none of them.
 *
 * @param answeredAt when the server wrote it, ms since 1970. Only asked where it matters.
 */
export function resetTime(text: string, answeredAt: () => number): number | null {
  const value = text.trim();
  if (NUMBER.test(value)) {
    const number = Number(value);
    if (number < EPOCH) return number * 1_000;
    return Math.max(0, (number < EPOCH * 1_000 ? number * 1_000 : number) - answeredAt());
  }
  const parts = DURATION.exec(value);
  if (parts !== null) return UNITS.reduce((sum, unit, i) => sum + unit * Number(parts[i + 1] ?? 0), 0);
  // Date.parse makes a year of a number alone, such as "-5".
  const date = value.includes(":") ? httpDate(value) : null;
  return date === null ? null : Math.max(0, date - answeredAt());
}
