import type { Cleanup } from "./protocol.ts";
import { type GeneratorCoroutine, newCoroutine } from "./generator-coroutine.ts";
import { mark } from "./marks.ts";
import { wrapping } from "./wrapping.ts";

export type GeneratorFunction = (...args: any[]) => Generator<any, any, any>;

/** Replaces the generator method `target[key]` by a coroutine method of the same name and length. */
export function method(target: object, key: PropertyKey, cleanup: Cleanup): void {
  const giving = (fn: GeneratorFunction): Function =>
    ({
      // A concise method is no constructor, as an async function.
      call(this: unknown, ...args: unknown[]): GeneratorCoroutine<any> {
        return newCoroutine(fn.apply(this, args), fn, cleanup);
      },
    }).call;
  replaceMethod(target, key, (fn) => mark(giving(fn)));
}

export function replaceMethod(
  target: object,
  key: PropertyKey,
  make: (fn: GeneratorFunction) => Function,
  length?: number,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
  const fn = descriptor.value as GeneratorFunction;
  const shown = { name: fn.name, length: length ?? fn.length };
  Object.defineProperty(target, key, { ...descriptor, value: wrapping(make(fn), shown) });
}
