import * as tsyncio from "tsyncio";
import * as ownErrors from "../errors.ts";
import { type Encoded, type EncodedError, namesFrom } from "./encode-error.ts";

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
