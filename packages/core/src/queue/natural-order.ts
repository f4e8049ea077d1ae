/**
 * Python's order: numbers, strings and dates by size, arrays like tuples, item by item.
 *
 * @throws {TypeError} for values that have no order.
 */
export function naturalOrder(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) return arrayOrder(a, b);
  const kind = kindOf(a);
  if (kind === undefined || kind !== kindOf(b)) {
    throw new TypeError(
      `Cannot compare ${shown(a)} with ${shown(b)}: they have no natural order; give new PriorityQueue(maxsize, { compare }), or put [priority, number, item]`,
    );
  }
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The first items that differ decide; of two arrays that begin alike the shorter comes first. */
function arrayOrder(a: readonly unknown[], b: readonly unknown[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    if (a[i] === b[i]) continue;
    const order = naturalOrder(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Values of one kind have an order among them. */
function kindOf(value: unknown): "number" | "string" | "date" | undefined {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return "number";
  if (typeof value === "string") return "string";
  return value instanceof Date ? "date" : undefined;
}

function shown(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `an instance of ${value.constructor?.name ?? "a class without name"}`;
}
