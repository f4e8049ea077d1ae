/** An object of JSON, as far as anybody knows. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The number in a field; 0 when there is none. */
export function numberIn(object: unknown, field: string): number {
  const value = isJsonObject(object) ? object[field] : undefined;
  return typeof value === "number" ? value : 0;
}
