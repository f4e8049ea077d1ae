/** A short text of any value. */
export function brief(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object" && value !== null && !(value instanceof Error)
        ? Object.prototype.toString.call(value)
        : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
