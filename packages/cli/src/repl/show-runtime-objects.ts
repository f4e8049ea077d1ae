import { inspect } from "node:util";
import type * as tsyncio from "tsyncio";

/**
 * Lets the prompt show what the runtime makes (tasks, locks, queues) in one line, as its `toString` tells it, instead of its
 * private fields. Classes that have a way of their own keep it.
 */
export function showRuntimeObjects({ Coroutine, ...names }: typeof tsyncio): void {
  show(Coroutine.prototype, ({ name, state }) => `<Coroutine ${state} name='${name}'>`);
  for (const value of Object.values(names)) {
    const prototype = typeof value === "function" ? (value.prototype as object | undefined) : undefined;
    if (prototype === undefined || prototype instanceof Error || !Object.hasOwn(prototype, "toString")) continue;
    show(prototype, String);
  }
}

function show<T extends object>(prototype: T, text: (object: T) => string): void {
  if (inspect.custom in prototype) return;
  Object.defineProperty(prototype, inspect.custom, {
    value(this: T) {
      // The prototype itself has no fields to tell of.
      return this === prototype ? "[prototype]" : text(this);
    },
    configurable: true,
  });
}
