const NONE: unique symbol = Symbol("no such field");

/** What stands at a path such as `user.name` or `tags.0`. `missing` when there is nothing. */
export function fieldAt(value: unknown, path: string): unknown {
  if (isObject(value) && Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  let found = value;
  for (const name of path.split(".")) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return NONE;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

export const missing: typeof NONE = NONE;

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
