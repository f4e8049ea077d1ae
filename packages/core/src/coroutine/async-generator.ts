import type { Cleanup } from "./protocol.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { type GeneratorFunction, replaceMethod } from "./compiled.ts";
import type { Coroutine } from "./coroutine.ts";
import { enter, newCoroutine } from "./generator-coroutine.ts";
import { EMIT, NOTHING, SUSPEND, THROW } from "./protocol.ts";
import { type Mode, NEXT, RETURN, Resumption, THROW_IN } from "./resumption.ts";
import { shownAsText } from "../loop/shown-as-text.ts";
import { wrapping } from "./wrapping.ts";

interface Registered {
  readonly loop: EventLoop;
  readonly closer: Closer;
}

/** What a loop keeps of a generator that is iterated by hand. */
class Closer {
  readonly #resumption: Resumption;

  constructor(resumption: Resumption) {
    this.#resumption = resumption;
  }

  get closed(): boolean {
    return this.#resumption.closed;
  }

  aclose(): Coroutine<void> {
    return newCoroutine(closing(this.#resumption), { name: "aclose" }, NOTHING);
  }

  toString(): string {
    return `<AsyncGenerator ${this.#resumption.frame.name}>`;
  }
}

const forgotten = new FinalizationRegistry<Registered>(({ loop, closer }) => {
  if (!loop.asyncgens.delete(closer) || closer.closed || loop.isClosed()) return;
  loop.callSoonThreadsafe(() => void loop.createTask(closer.aclose()));
});

/**
 * An async generator: gives items one after the other and may wait between them. Every method gives a coroutine:
 * nothing runs before it is awaited. `for await` drives it.
 *
 * One that is iterated by hand and dropped half-way is closed by the loop, at the latest when `run` ends.
 *
 * @see https://peps.python.org/pep-0525/
 */
export class AsyncGenerator<T, R = unknown, N = any> implements globalThis.AsyncGenerator<T, R, N> {
  static {
    shownAsText(this.prototype);
  }

  /** @internal */ readonly resumption: Resumption;
  #registered = false;

  /** @internal */
  constructor(resumption: Resumption) {
    this.resumption = resumption;
  }

  get name(): string {
    return this.resumption.frame.name;
  }

  /**
   * The next item. `value` is what the `yield` gives inside.
   *
   * @throws {RuntimeError} when another step of it is under way.
   */
  next(...[value]: [] | [N]): Coroutine<IteratorResult<T, R>> {
    return this.#step(NEXT, value, "next()");
  }

  /** Throws `error` in at the `yield` where it stands. */
  throw(error: unknown): Coroutine<IteratorResult<T, R>> {
    return this.#step(THROW_IN, error, "throw()");
  }

  /** Closes it: its `finally` blocks run, and it gives no more items. Closing twice does nothing. */
  return(value?: R | PromiseLike<R>): Coroutine<IteratorResult<T, R>> {
    return this.#step(RETURN, value, "return()");
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Coroutine<void> {
    return newCoroutine(closing(this.resumption), { name: "aclose" }, NOTHING);
  }

  toString(): string {
    return `<AsyncGenerator ${this.name}>`;
  }

  #step(mode: Mode, value: unknown, what: string): Coroutine<IteratorResult<T, R>> {
    return newCoroutine(this.#stepping(mode, value, what), { name: `${this.name}.${what.slice(0, -2)}` }, NOTHING);
  }

  *#stepping(mode: Mode, value: unknown, what: string): Generator<undefined, IteratorResult<T, R>, any> {
    const { resumption } = this;
    const { loop } = exec;
    if (mode === RETURN) {
      const given = enter(value);
      value = given === SUSPEND ? yield : given;
    }
    if (!this.#registered && loop !== null && mode === NEXT) this.#register(loop);
    let $ = resumption.resume(mode, value, what);
    if ($ === SUSPEND) $ = yield;
    if ($ === EMIT) {
      resumption.emitted();
      return { done: false, value: exec.item as T };
    }
    return { done: true, value: $ as R };
  }

  #register(loop: EventLoop): void {
    this.#registered = true;
    if (loop.asyncgensShutDown)
      console.warn(`tsyncio: asynchronous generator ${String(this)} was scheduled after loop.shutdownAsyncgens() call`);
    const closer = new Closer(this.resumption);
    // Few are open at a time: those that came to their end leave when the next one comes.
    for (const other of loop.asyncgens) if ((other as Closer).closed) loop.asyncgens.delete(other);
    loop.asyncgens.add(closer);
    forgotten.register(this, { loop, closer });
  }
}

function* closing(resumption: Resumption): Generator<undefined, void, any> {
  let $ = resumption.resume(RETURN, undefined, "return()");
  if ($ === SUSPEND) $ = yield;
  if ($ !== EMIT) return;
  resumption.emitted();
  throw new RuntimeError(
    `Cannot close async generator "${resumption.frame.name}": it gave another item in a finally block`,
  );
}

/** The call of a compiled async generator function. */
export function agen(
  generator: Generator<any, any, any>,
  fn: { readonly name: string },
  cleanup: Cleanup,
): AsyncGenerator<any> {
  return new AsyncGenerator(new Resumption(generator, fn, cleanup));
}

/** Replaces the generator method `target[key]` by an async generator method of the same name and length. */
export function agenMethod(target: object, key: PropertyKey, cleanup: Cleanup): void {
  const giving = (fn: GeneratorFunction): Function =>
    ({
      call(this: unknown, ...args: unknown[]): AsyncGenerator<any> {
        return agen(fn.apply(this, args), fn, cleanup);
      },
    }).call;
  replaceMethod(target, key, giving);
}

/** Hands out an item: what the frame yields then. */
export function emit(value: unknown): typeof EMIT {
  exec.item = value;
  exec.delegate = undefined;
  return EMIT;
}

/**
 * An async generator function from a generator function: the spelling without a build step. Inside, `yield* x`
 * awaits x, and `yield* give(item)` hands out an item.
 *
 * @example
 * ```ts
 * import { asyncGenerator, coroutine, give, run, sleep } from "tsyncio";
 * const countdown = asyncGenerator(function* (from: number) {
 *   for (let n = from; n > 0; n--) {
 *     yield* sleep(1);
 *     yield* give(n);
 *   }
 * });
 * const main = coroutine(function* () {
 *   const numbers = countdown(2);
 *   console.log((yield* numbers.next()).value, (yield* numbers.next()).value);
 * });
 * await run(main); // → 2 1
 * ```
 */
export function asyncGenerator<A extends any[], T = any, R = any, This = any>(
  fn: (this: This, ...args: A) => Generator<any, R, any>,
): (this: This, ...args: A) => AsyncGenerator<T, R> {
  if (typeof fn !== "function")
    throw new TypeError(
      `Cannot make an async generator function: expected a generator function, received ${String(fn)}`,
    );
  const wrapper = function (this: This, ...args: A): AsyncGenerator<T, R> {
    return new AsyncGenerator<T, R>(new Resumption(fn.apply(this, args), fn, THROW));
  };
  return wrapping(wrapper, fn);
}

/** Hands out an item of an `asyncGenerator`; gives what `next(value)` sends in. */
export function* give(item: unknown): Generator<any, any, any> {
  return yield emit(item);
}
