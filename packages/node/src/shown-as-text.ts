import { inspect } from "node:util";

/** Has `console.log` show the objects of a class by their `toString()`, instead of by all that they hold. */
export function shownAsText(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: { toString(): string }): string {
      // The prototype itself has no fields to tell of.
      return this === prototype ? "[prototype]" : this.toString();
    },
  });
}
