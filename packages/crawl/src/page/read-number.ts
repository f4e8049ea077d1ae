/** A number with its marks: `1,299.00`, `1.299,00`, `1 299`, `1'299`, `-.5`, `12e3`. */
const NUMBER = /[-+\u2212]?(?:\d(?:[\d.,' \u00a0\u2009\u202f\u2019]*\d)?|[.,]\d+)(?:e[-+]?\d+)?/i;

/**
 * The first number in a text; null when there is none. A mark that comes several times, or before another one, divides thousands;
 * one alone divides decimals, but for a comma before exactly three digits.
 */
export function readNumber(text: string): number | null {
  const found = NUMBER.exec(text)?.[0];
  if (found === undefined) return null;
  const digits = found.replace(/[' \u00a0\u2009\u202f\u2019]/g, "").replace("\u2212", "-");
  return Number(withPoint(digits));
}

function withPoint(digits: string): string {
  const comma = digits.lastIndexOf(",");
  const point = digits.lastIndexOf(".");
  if (comma === -1) return digits.indexOf(".") === point ? digits : digits.replaceAll(".", "");
  if (point > comma) return digits.replaceAll(",", "");
  const severalOrThousands =
    digits.indexOf(",") !== comma || (point === -1 && /^[-+]?[1-9]\d{0,2},\d{3}$/.test(digits));
  if (severalOrThousands) return digits.replaceAll(",", "");
  return digits.replaceAll(".", "").replace(",", ".");
}
