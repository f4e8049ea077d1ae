/** Whether a value can be sent to another thread. */
export function canClone(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The value itself, or a text that names it where it cannot be sent. */
export function sendable(value: unknown): unknown {
  if (canClone(value)) return value;
  const what =
    typeof value === "function" ? `function ${value.name || "anonymous"}` : Object.prototype.toString.call(value);
  return `[not serialisable: ${what}]`;
}
