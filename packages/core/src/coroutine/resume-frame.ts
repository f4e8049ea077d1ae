import { type GeneratorCoroutine, type Reentered, generatorReturn } from "./generator-coroutine.ts";

/** How a function that is called again goes on: with a value, with an error, or by leaving with one. */
export const NEXT = 0;
const THROW_IN = 1;
const RETURN = 2;
/** In the `status` of one, above its flags: at which of its awaits it waits, 0 before the first. */
export const PLACE_SHIFT = 9;

/** @internal As `throw()` of a generator. */
export function throwIntoReentered(frame: GeneratorCoroutine<unknown>, error: unknown): unknown {
  if (frame.status >> PLACE_SHIFT === 0) throw error;
  return (frame.generator as Reentered)(frame, error, THROW_IN);
}

/** @internal `return(value)` of the generator, or what does the same. */
export function closeGenerator(frame: GeneratorCoroutine<unknown>, value: unknown): IteratorResult<unknown> {
  const { generator } = frame;
  if (typeof generator !== "function") return generatorReturn.call(generator as Generator, value);
  return { done: true, value: frame.status >> PLACE_SHIFT === 0 ? value : generator(frame, value, RETURN) };
}
