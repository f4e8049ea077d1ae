/** Has a function that stands for another show the name and the number of parameters of that one. Gives the first. */
export function wrapping<F extends Function>(wrapper: F, { name, length }: Shown): F {
  Object.defineProperty(wrapper, "name", { value: name, configurable: true });
  Object.defineProperty(wrapper, "length", { value: length, configurable: true });
  return wrapper;
}

/** What a function shows of itself. */
interface Shown {
  readonly name: string;
  readonly length: number;
}
