/** Has a function that stands for another show the name and the number of parameters of that one. Gives the first. */
export function wrapping<F extends Function>(wrapper: F, wrapped: Function, length: number = wrapped.length): F {
  Object.defineProperty(wrapper, "name", { value: wrapped.name, configurable: true });
  Object.defineProperty(wrapper, "length", { value: length, configurable: true });
  return wrapper;
}
