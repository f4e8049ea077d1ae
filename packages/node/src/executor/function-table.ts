import { JobFunction, specOf } from "./job.ts";

type AnyFunction = (...args: any[]) => unknown;

/** Texts of functions that are remembered. */
const MOST_TEXTS = 1000;

/**
 * The functions that a pool has met: by themselves, and by their text, for one that is written in a loop is a new one each
 * time.
 */
export class FunctionTable {
  readonly #called: WeakMap<AnyFunction, JobFunction> = new WeakMap();
  readonly #mapped: WeakMap<AnyFunction, JobFunction> = new WeakMap();
  readonly #texts: Map<string, JobFunction> = new Map();
  #count = 0;

  /**
   * What is known about `fn`; with `each`, about calling it for each item of a list.
   *
   * @throws {TypeError} for what cannot reach a worker.
   */
  get(fn: AnyFunction, each: boolean): JobFunction {
    return (each ? this.#mapped : this.#called).get(fn) ?? this.#meet(fn, each);
  }

  #meet(fn: AnyFunction, each: boolean): JobFunction {
    const spec = specOf(fn);
    const key = `${each} ${"source" in spec ? `${spec.name} ${spec.source}` : `${spec.url} ${spec.name}`}`;
    let met = this.#texts.get(key);
    if (met === undefined) {
      met = new JobFunction(++this.#count, each ? { ...spec, each } : spec);
      if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
      this.#texts.set(key, met);
    }
    (each ? this.#mapped : this.#called).set(fn, met);
    return met;
  }
}
