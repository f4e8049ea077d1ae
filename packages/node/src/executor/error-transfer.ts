import * as tsyncio from "tsyncio";
import * as ownErrors from "../errors.ts";
import { type CanCarry, sendable } from "./cloneable.ts";

/**
 * A property of an error on its way. For an error in it stands its place in the list of errors: as `error` where it is the
 * value, as pairs of index and place where they are in an array.
 */
type EncodedProperty = readonly [
  key: string,
  value: unknown,
  error?: number | readonly (readonly [index: number, error: number])[],
];

/** An error on its way between two workers. */
interface EncodedError {
  /** The names of its classes, its own first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Everything else that it carries: `code`, `cause`, `errors`, fields of its class. */
  readonly properties: readonly EncodedProperty[];
}

/** What was thrown, on its way: an error and those that it refers to, or any other value. */
export type Encoded = { readonly errors: readonly EncodedError[] } | { readonly thrown: unknown };

type ErrorClass = abstract new (...args: never[]) => Error;

const classes = new Map<string, ErrorClass>();
const BUILT_IN = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
];

/**
 * Makes classes of errors known, so that such an error comes back from a worker as what it is (`instanceof`). Those of
 * JavaScript and of tsyncio are known; one that is not comes back as the nearest base class that is, under its own name.
 *
 * A class is known by its name and those of its base classes. Its constructor is not called for an error that comes
 * back: fields are there, `#private` ones are not.
 *
 * @throws {TypeError} for what is no class of errors.
 * @example
 * ```ts
 * import { registerErrorClass, toThread } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * class PaperJam extends Error {
 *   tray = 0;
 * }
 * registerErrorClass(PaperJam);
 * function print() {
 *   class PaperJam extends Error {
 *     tray = 2;
 *   }
 *   throw new PaperJam("stuck");
 * }
 * async function main() {
 *   try {
 *     await toThread(print);
 *   } catch (error) {
 *     if (error instanceof PaperJam) console.log(error.message, error.tray);
 *   }
 * }
 * await run(main()); // → stuck 2
 * ```
 */
export function registerErrorClass(...added: readonly ErrorClass[]): void {
  for (const one of added) {
    if (typeof one !== "function" || !(one.prototype instanceof Error || (one as unknown) === Error))
      throw new TypeError(`Cannot register error class: expected a class of errors, received ${String(one)}`);
    classes.set(namesFrom(one.prototype).join(), one);
  }
}

registerErrorClass(...BUILT_IN);
for (const exported of [...Object.values(tsyncio), ...Object.values(ownErrors)])
  if (typeof exported === "function" && exported.prototype instanceof Error) registerErrorClass(exported as ErrorClass);

function namesFrom(prototype: object): string[] {
  const names: string[] = [];
  for (let proto = prototype; proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto) as object)
    names.push(String(proto.constructor?.name));
  return names;
}

/** What was thrown, as something that can be sent. */
export function encodeError(thrown: unknown, canCarry: CanCarry): Encoded {
  if (!(thrown instanceof Error)) return { thrown: sendable(thrown, canCarry) };
  // Those that are met on the way join the map: circles and what is shared stay what they are.
  const places = new Map<Error, number>([[thrown, 0]]);
  const placeOf = (error: Error): number => {
    const place = places.get(error) ?? places.size;
    places.set(error, place);
    return place;
  };
  const encodeProperty = (key: string, value: unknown): EncodedProperty => {
    if (value instanceof Error) return [key, undefined, placeOf(value)];
    if (!Array.isArray(value)) return [key, sendable(value, canCarry)];
    const isError = (one: unknown): one is Error => one instanceof Error;
    const errors = value.flatMap((one, i) => (isError(one) ? [[i, placeOf(one)] as const] : []));
    if (errors.length === 0) return [key, sendable(value, canCarry)];
    return [key, value.map((one) => (isError(one) ? null : sendable(one, canCarry))), errors];
  };
  const errors: EncodedError[] = [];
  for (const error of places.keys()) errors.push(encodeOne(error, encodeProperty));
  return { errors };
}

function encodeOne(error: Error, encodeProperty: (key: string, value: unknown) => EncodedProperty): EncodedError {
  const keys = Object.getOwnPropertyNames(error).filter(
    (key) => key !== "stack" && key !== "message" && key !== "name",
  );
  return {
    classes: namesFrom(Object.getPrototypeOf(error) as object),
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === "string" ? error.stack : undefined,
    properties: keys.map((key) => encodeProperty(key, (error as unknown as Record<string, unknown>)[key])),
  };
}

/** What had been thrown. */
export function reviveError(encoded: Encoded): unknown {
  if ("thrown" in encoded) return encoded.thrown;
  const errors = encoded.errors.map(reviveOne);
  errors.forEach((error, i) => {
    for (const [key, value, at] of encoded.errors[i].properties) {
      let revived = value;
      if (typeof at === "number") revived = errors[at];
      else for (const [index, place] of at ?? []) (revived as unknown[])[index] = errors[place];
      define(error, key, revived, !HIDDEN.has(key));
    }
  });
  return errors[0];
}

const HIDDEN = new Set(["cause", "errors", "title"]);

function reviveOne({ classes: names, name, message, stack }: EncodedError): Error {
  const known = names.findIndex((_, i) => classes.has(names.slice(i).join()));
  const found = classes.get(names.slice(known).join()) ?? Error;
  const error = found === DOMException ? new DOMException(message, name) : bare(found.prototype);
  define(error, "stack", stack);
  if (error.message !== message) define(error, "message", message);
  if (error.name !== name) define(error, "name", name);
  return error;
}

/** An error of a class whose constructor nobody here can call: its parameters are not known. */
function bare(prototype: object): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return Object.setPrototypeOf(error, prototype) as Error;
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
