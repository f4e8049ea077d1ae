import { exec } from "../loop/execution.ts";
import { AsyncGenerator } from "./async-generator.ts";
import { enter } from "./coroutine.ts";
import { PromiseWait } from "./promise.ts";
import { EMIT, FINALLY, SUSPEND } from "./protocol.ts";
import { NEXT, RETURN, Resumption, THROW_IN } from "./resumption.ts";

const AWAITING_ITEMS = { name: "for await" };

/** The items of a synchronous iterable, each awaited. */
function* awaitingItems(iterable: Iterable<unknown>): Generator<any, void, any> {
  for (const item of iterable) {
    const value = enter(item);
    exec.item = value === SUSPEND ? yield : value;
    yield EMIT;
  }
}

type Source = Resumption | AsyncIterator<unknown>;

/** What is iterated: our own generators without their door, anything else through its iterator. */
function open(iterable: any): Source {
  if (
    iterable instanceof AsyncGenerator &&
    iterable[Symbol.asyncIterator] === AsyncGenerator.prototype[Symbol.asyncIterator]
  )
    return iterable.resumption;
  const method = iterable?.[Symbol.asyncIterator];
  if (method !== undefined && method !== null) {
    const iterator = method.call(iterable);
    if (typeof iterator !== "object" || iterator === null)
      throw new TypeError(`Cannot iterate: [Symbol.asyncIterator]() gave ${String(iterator)}, which is no object`);
    return iterator instanceof AsyncGenerator ? iterator.resumption : iterator;
  }
  if (typeof iterable?.[Symbol.iterator] !== "function")
    throw new TypeError(`Cannot iterate over ${String(iterable)}: it is not async iterable`);
  return new Resumption(awaitingItems(iterable), AWAITING_ITEMS, FINALLY);
}

/** Waits for an item of a native async iterator. When cancelled, the iterator is closed: it may hold a resource. */
class NextWait extends PromiseWait<unknown> {
  readonly #iterator: AsyncIterator<unknown>;

  constructor(promise: Promise<unknown>, iterator: AsyncIterator<unknown>) {
    super(promise);
    this.#iterator = iterator;
  }

  override interrupted(): void {
    const closed = this.#iterator.return?.();
    if (closed instanceof Promise) closed.catch(() => {});
  }
}

/** A `for await` loop; `open` while the body has an item, that is while leaving the loop must close the source. */
class Iteration {
  readonly #source: Source;
  open = false;
  /** The body threw: an error of closing does not replace it. */
  failed = false;
  item: unknown = undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Asks for the next item: what `more` is to be given, or SUSPEND. */
  advance(): unknown {
    this.open = false;
    const source = this.#source;
    if (source instanceof Resumption) return source.resume(NEXT, undefined, "next()");
    const result: unknown = source.next();
    return result instanceof Promise ? new NextWait(result, source).enter() : enter(result);
  }

  /** Whether there is an item. */
  more(result: any): boolean {
    const source = this.#source;
    if (source instanceof Resumption) {
      if (result !== EMIT) return false;
      source.emitted();
      this.item = exec.item;
    } else {
      if (typeof result !== "object" || result === null)
        throw new TypeError(`Iterator result ${String(result)} is not an object`);
      if (result.done) return false;
      this.item = result.value;
    }
    return (this.open = true);
  }

  /** Closes the source: a value, or SUSPEND. */
  close(): unknown {
    const source = this.#source;
    if (source instanceof Resumption) return source.resume(RETURN, undefined, "return()");
    if (source.return === undefined || source.return === null) return undefined;
    const result = enter(source.return());
    if (result !== SUSPEND && !this.failed) checkResult(result);
    return result;
  }
}

function checkResult(result: unknown): void {
  if (typeof result !== "object" || result === null)
    throw new TypeError(`Iterator result ${String(result)} is not an object`);
}

/** `for await (const x of iterable)`. */
export function iterate(iterable: unknown): Iteration {
  return new Iteration(open(iterable));
}

/** `yield* iterable` in an async generator: gives its items, and what is sent and thrown in goes to it. */
export function* delegate(iterable: unknown): Generator<any, any, any> {
  const source = open(iterable);
  let mode: typeof NEXT | typeof THROW_IN = NEXT;
  let value: unknown;
  for (;;) {
    let $ =
      source instanceof Resumption
        ? source.resume(mode, value, "next()")
        : enter(mode === NEXT ? source.next(value) : throwInto(source, value));
    if ($ === SUSPEND) $ = yield;
    if (source instanceof Resumption) {
      if ($ !== EMIT) return $;
      source.emitted();
    } else {
      checkResult($);
      if ($.done) return $.value;
      exec.item = $.value;
    }
    let left = true;
    try {
      value = yield EMIT;
      mode = NEXT;
      left = false;
    } catch (error) {
      value = error;
      mode = THROW_IN;
      left = false;
    } finally {
      if (left) {
        const closed =
          source instanceof Resumption ? source.resume(RETURN, undefined, "return()") : enter(source.return?.());
        if (closed === SUSPEND) yield;
      }
    }
  }
}

function throwInto(source: AsyncIterator<unknown>, error: unknown): unknown {
  if (source.throw === undefined) throw error;
  return source.throw(error);
}
