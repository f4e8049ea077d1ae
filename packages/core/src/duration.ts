type Unit = "ms" | "s" | "m" | "h";

/** A length of time with its unit: `"250ms"`, `"1.5s"`, `"2m"`, `"1h"`. */
export type DurationString = `${number}${Unit}`;

/** A length of time: a number is milliseconds, a string carries its unit. */
export type Duration = number | DurationString;

const UNITS: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const FORMAT = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(ms|s|m|h)$/;

/**
 * A duration in milliseconds.
 *
 * @throws {TypeError} for what is neither a number nor a duration string.
 * @throws {RangeError} for NaN.
 */
export function milliseconds(duration: Duration): number {
  return typeof duration === "number" && duration === duration ? duration : inMilliseconds(duration);
}

function inMilliseconds(duration: Duration): number {
  if (typeof duration === "number")
    throw new RangeError('Cannot wait: the delay is NaN; pass milliseconds or a string such as "1.5s"');
  const match = typeof duration === "string" ? FORMAT.exec(duration) : null;
  if (match === null) {
    throw new TypeError(
      `Cannot read duration ${quoted(duration)}: expected milliseconds or a string such as "250ms", "1.5s", "2m", "1h"`,
    );
  }
  return Number(match[1]) * UNITS[match[2] as Unit];
}

function quoted(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
