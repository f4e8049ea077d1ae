import { builtin } from "../builtin.ts";

/** Whether a value can go over a line between workers. */
export type CanCarry = (value: unknown) => boolean;

/** Whether a value can be sent to another thread. */
export const canClone: CanCarry = (value) => copied(value, structuredClone);

/** Whether a value can be sent to another process: no memory is shared with one. */
export const canSerialise: CanCarry = (value) => copied(value, builtin("v8").serialize);

function copied(value: unknown, copy: (value: unknown) => unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
  try {
    copy(value);
    return true;
  } catch {
    return false;
  }
}

/** How deep it is looked for what of a value can be sent. */
const DEEP = 4;

/** The value itself where it can be sent; else as much of it as can be, each of the rest a text that names it. */
export function sendable(value: unknown, canCarry: CanCarry, depth = 0): unknown {
  if (canCarry(value)) return value;
  if (depth < DEEP && Array.isArray(value)) return value.map((one) => sendable(one, canCarry, depth + 1));
  if (depth < DEEP && isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sendable(one, canCarry, depth + 1)]));
  return `[not serialisable: ${whatIs(value)}]`;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null;
}

function whatIs(value: unknown): string {
  if (typeof value === "function") return `function ${value.name || "anonymous"}`;
  if (typeof value !== "object" || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? name
    : Object.prototype.toString.call(value).slice(8, -1);
}
