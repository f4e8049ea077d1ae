import { CancelledError } from "../errors.ts";
import { enter } from "./generator-coroutine.ts";
import { SUSPEND } from "./protocol.ts";

type Dispose = () => unknown;

interface SuppressedErrorConstructor {
  new (error: unknown, suppressed: unknown, message?: string): Error;
}

/** The host's SuppressedError, or one that looks like it. */
function suppressed(error: unknown, before: unknown): Error {
  const { SuppressedError } = globalThis as { SuppressedError?: SuppressedErrorConstructor };
  const message = "An error was suppressed during disposal";
  if (SuppressedError !== undefined) return new SuppressedError(error, before, message);
  return Object.assign(new Error(message), { name: "SuppressedError", error, suppressed: before });
}

/** The resources of a block with `await using`, disposed of in reverse order when it is left. */
class Disposal {
  readonly #resources: (Dispose | null)[] = [];
  #failed = false;
  #error: unknown = undefined;

  /** `using x = value`. */
  use<T>(value: T): T {
    if (value === null || value === undefined) return value;
    const dispose = method(value, Symbol.dispose);
    if (dispose === undefined) throw notDisposable(value, "Symbol.dispose");
    this.#resources.push(() => void dispose.call(value));
    return value;
  }

  /** `await using x = value`. */
  useAsync<T>(value: T): T {
    if (value === null || value === undefined) {
      this.#resources.push(null);
      return value;
    }
    const dispose = method(value, Symbol.asyncDispose);
    if (dispose !== undefined) this.#resources.push(() => dispose.call(value));
    else {
      const sync = method(value, Symbol.dispose);
      if (sync === undefined) throw notDisposable(value, "Symbol.asyncDispose");
      this.#resources.push(() => void sync.call(value));
    }
    return value;
  }

  /** The block, or a disposal, threw. A cancellation stays one: what came before it is its cause. */
  fail(error: unknown): void {
    const before = this.#error;
    if (!this.#failed) this.#error = error;
    else if (error instanceof CancelledError) {
      error.cause ??= before;
      this.#error = error;
    } else this.#error = suppressed(error, before);
    this.#failed = true;
  }

  /** Disposes of everything, each awaited, and throws what is to be thrown. */
  *unwind(): Generator<undefined, void, any> {
    const resources = this.#resources;
    while (resources.length > 0) {
      const dispose = resources.pop();
      try {
        if (dispose !== null && dispose !== undefined && enter(dispose()) === SUSPEND) yield;
      } catch (error) {
        this.fail(error);
      }
    }
    if (this.#failed) throw this.#error;
  }
}

function method(value: unknown, symbol: symbol): Dispose | undefined {
  const found = (value as Record<symbol, unknown>)[symbol];
  if (found === undefined || found === null) return undefined;
  if (typeof found !== "function")
    throw new TypeError(`Cannot use ${String(value)}: its ${String(symbol)} is no function`);
  return found as Dispose;
}

function notDisposable(value: unknown, symbol: string): TypeError {
  return new TypeError(`Cannot use ${String(value)}: it has no [${symbol}]()`);
}

export function disposal(): Disposal {
  return new Disposal();
}
