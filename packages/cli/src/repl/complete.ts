import type { Scope } from "./scope.ts";

const KEYWORDS = ["async", "await", "class", "const", "for", "function", "import", "let", "new", "return", "typeof"];

/**
 * Completes the name, or the property of a chain of names, at the end of a line. Runs nothing that was typed, and no getters.
 *
 * @returns the candidates and what they complete, as `node:readline` wants them
 */
export function complete(line: string, scope: Scope): [candidates: string[], completed: string] {
  const [path] = /[\w$.]*$/.exec(line) as unknown as [string];
  const dot = path.lastIndexOf(".");
  if (dot === -1) {
    const names = path === "" ? [] : [...scope.names, ...KEYWORDS];
    return [matching(names, path), path];
  }
  const [root, ...steps] = path.slice(0, dot).split(".") as [string, ...string[]];
  let value = scope.get(root);
  for (const step of steps) value = valueOf(value, step);
  const start = path.slice(dot + 1);
  return [matching(propertiesOf(value), start).map((name) => path.slice(0, dot + 1) + name), path];
}

function matching(names: readonly string[], start: string): string[] {
  return [...new Set(names)].filter((name) => name.startsWith(start) && /^[\w$]+$/.test(name)).toSorted();
}

function valueOf(value: unknown, property: string): unknown {
  for (let object = asObject(value); object !== null; object = Object.getPrototypeOf(object) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(object, property);
    if (descriptor !== undefined) return descriptor.value as unknown;
  }
  return undefined;
}

function propertiesOf(value: unknown): string[] {
  const names: string[] = [];
  for (let object = asObject(value); object !== null; object = Object.getPrototypeOf(object) as object | null) {
    if (object !== Object.prototype) names.push(...Object.getOwnPropertyNames(object));
  }
  return names;
}

function asObject(value: unknown): object | null {
  return value === null || value === undefined ? null : (Object(value) as object);
}
