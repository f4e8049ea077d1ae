/** Gives a class of errors its name, which is not a property of each. */
export function named(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
}
