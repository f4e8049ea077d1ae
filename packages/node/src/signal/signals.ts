import { type Coroutine, Event, coroutine, getRunningLoop } from "tsyncio";
import { LoopSignals } from "./loop-signals.ts";
import { signalName } from "./signal-name.ts";

/**
 * The arrivals of some signals: see `signals()`.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | listening | constructor | `return()`, disposal; the end of the loop |
 * | closed | gives what has come before, and no more | |
 */
export class SignalArrivals implements AsyncIterableIterator<NodeJS.Signals, undefined>, Disposable {
  /** @internal */ readonly came: Set<NodeJS.Signals> = new Set();
  /** @internal */ readonly news: Event = new Event();
  /** @internal */ closed = false;
  readonly #signals: LoopSignals;
  readonly #listeners: Map<NodeJS.Signals, () => void> = new Map();

  /** @internal Use `signals()`. */
  constructor(names: Iterable<NodeJS.Signals>) {
    this.#signals = LoopSignals.of(getRunningLoop());
    try {
      for (const name of names) this.#listen(name);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #listen(name: NodeJS.Signals): void {
    if (this.#listeners.has(name)) return;
    const arrived = (): void => {
      this.came.add(name);
      this.news.set();
    };
    this.#signals.listen(name, arrived);
    this.#listeners.set(name, arrived);
  }

  /**
   * Waits for the next arrival.
   *
   * **When cancelled**: no signal is lost.
   */
  next(): Coroutine<IteratorResult<NodeJS.Signals, undefined>> {
    return receiving(this);
  }

  /** Listens no more: the signals have their default effect again. */
  return(): Coroutine<IteratorResult<NodeJS.Signals, undefined>> {
    return leaving(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.closed = true;
    for (const [name, listener] of this.#listeners) this.#signals.unlisten(name, listener);
    this.#listeners.clear();
    this.news.set();
  }
}

type Step = IteratorResult<NodeJS.Signals, undefined>;

const receiving = coroutine(function* next(arrivals: SignalArrivals): Generator<undefined, Step, any> {
  const { came, news } = arrivals;
  for (;;) {
    for (const value of came) {
      came.delete(value);
      return { done: false, value };
    }
    if (arrivals.closed) return { done: true, value: undefined };
    news.clear();
    yield* news.wait();
  }
});

const leaving = coroutine(function* leave(arrivals: SignalArrivals): Generator<undefined, Step, any> {
  arrivals[Symbol.dispose]();
  return { done: true, value: undefined };
});

/**
 * Signals as an async iterable that gives the name of each that comes, from the call on. One that comes again before it was
 * taken is given once: it holds no more than one of each, as an operating system does. It listens until the loop over it is left, until
 * it is disposed of (`using`), or until the event loop is closed.
 *
 * As with `addSignalHandler`, the signals have no other effect meanwhile, on `run` in particular. Several iterables may listen
 * to the same signal, and a handler besides: each hears of it.
 *
 * @throws {TypeError} for what is no signal, and when none is named.
 * @throws {RangeError} for a number that no signal has.
 * @throws {RuntimeError} for a signal that cannot be caught (SIGKILL, SIGSTOP), on another thread than the main one, and
 *   without a running loop.
 * @example
 * ```ts
 * import { signals } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * async function main() {
 *   const received = signals("SIGHUP", "SIGTERM");
 *   process.kill(process.pid, "SIGHUP");
 *   for await (const signal of received) {
 *     console.log(signal);
 *     if (signal === "SIGTERM") break;
 *     process.kill(process.pid, "SIGTERM");
 *   }
 * }
 * await run(main()); // → SIGHUP
 * // → SIGTERM
 * ```
 * @see https://trio.readthedocs.io/en/stable/reference-io.html#trio.open_signal_receiver
 */
export function signals(...names: readonly (NodeJS.Signals | number)[]): SignalArrivals {
  if (names.length === 0) throw new TypeError("Cannot listen to signals: none is named");
  return new SignalArrivals(names.map((name) => signalName(name, "listen to signals")));
}
