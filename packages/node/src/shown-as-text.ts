/** `inspect.custom` of `node:util`. */
const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** Has `console.log` show the objects of a class by their `toString()`, instead of by all that they hold. */
export function shownAsText(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, INSPECT, {
    configurable: true,
    writable: true,
    value(this: { toString(): string }): string {
      // The prototype itself has no fields to tell of.
      return this === prototype ? "[prototype]" : this.toString();
    },
  });
}
