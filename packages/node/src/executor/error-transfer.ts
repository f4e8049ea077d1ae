import * as tsyncio from "tsyncio";
import * as ownErrors from "../errors.ts";
import { sendable } from "./cloneable.ts";

/** An error on its way between two workers. */
export interface EncodedError {
  /** The names of its classes, its own first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Everything else that it carries: `code`, `cause`, `errors`, fields of its class. */
  readonly properties: readonly (readonly [key: string, value: unknown])[];
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** What an encoded error is wrapped in where it stands in a property of another one. */
interface Nested {
  readonly encodedError: EncodedError;
}

const DEEPEST = 16;
const classes = new Map<string, ErrorClass>();
const BUILT_IN = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError];

/**
 * Makes classes of errors known, so that such an error comes back from a worker as what it is (`instanceof`). Those of
 * JavaScript and of tsyncio are known; one that is not comes back as the nearest base class that is, under its own name.
 *
 * @throws {TypeError} for what is no class of errors.
 */
export function registerErrorClass(...added: readonly ErrorClass[]): void {
  for (const one of added) {
    if (typeof one !== "function" || !(one.prototype instanceof Error || (one as unknown) === Error))
      throw new TypeError(`Cannot register error class: expected a class of errors, received ${String(one)}`);
    classes.set(one.name, one);
  }
}

registerErrorClass(...BUILT_IN);
for (const exported of [...Object.values(tsyncio), ...Object.values(ownErrors)])
  if (typeof exported === "function" && exported.prototype instanceof Error) registerErrorClass(exported as ErrorClass);

/** An error, or whatever else was thrown, as something that can be cloned. */
export function encodeError(error: unknown, depth = 0): EncodedError | undefined {
  if (!(error instanceof Error)) return undefined;
  const names: string[] = [];
  for (
    let proto = Object.getPrototypeOf(error);
    proto && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    names.push(String(proto.constructor?.name));
  const properties: [string, unknown][] = [];
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "stack" || key === "message" || key === "name") continue;
    properties.push([key, encodeProperty((error as unknown as Record<string, unknown>)[key], depth)]);
  }
  return { classes: names, name: String(error.name), message: String(error.message), stack: error.stack, properties };
}

function encodeProperty(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    if (depth >= DEEPEST) return `[${value.name}: not sent, it is nested too deeply]`;
    return { encodedError: encodeError(value, depth + 1) } as Nested;
  }
  if (Array.isArray(value)) return value.map((one) => encodeProperty(one, depth));
  return sendable(value);
}

/** The error that was encoded. */
export function reviveError(encoded: EncodedError): Error {
  const known = encoded.classes.find((name) => classes.has(name)) ?? "Error";
  const { prototype } = classes.get(known) as ErrorClass;
  // Not by its constructor, whose parameters nobody here knows.
  const error = Object.create(prototype) as Error;
  Error.captureStackTrace(error);
  define(error, "stack", encoded.stack);
  define(error, "message", encoded.message);
  if (error.name !== encoded.name) define(error, "name", encoded.name);
  for (const [key, value] of encoded.properties) define(error, key, reviveProperty(value), !HIDDEN.has(key));
  return error;
}

const HIDDEN = new Set(["cause", "errors"]);

function reviveProperty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveProperty);
  if (typeof value === "object" && value !== null && "encodedError" in value)
    return reviveError((value as Nested).encodedError);
  return value;
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
