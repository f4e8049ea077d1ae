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
export interface EncodedError {
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

/** The names of the classes of an error, its own first. */
export function namesFrom(prototype: object): string[] {
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
