import { exec } from "../loop/execution.ts";
import { AsyncGenerator, emit } from "./async-generator.ts";
import { enter } from "./generator-coroutine.ts";
import { PromiseWait } from "./promise.ts";
import { EMIT, FINALLY, SUSPEND } from "./protocol.ts";
import { type Delegate, NEXT, RETURN, Resumption, THROW_IN } from "./resumption.ts";

const AWAITING_ITEMS = { name: "for await" };

/** The items of a synchronous iterable, each awaited. */
function* awaitingItems(iterable: Iterable<unknown>): Generator<any, void, any> {
  for (const item of iterable) {
    const value = enter(item);
    yield emit(value === SUSPEND ? yield : value);
  }
}

type Source = Resumption | AsyncIterator<unknown>;

/** What is iterated: our own generators without their door, anything else through its iterator. */
function open(iterable: any): Source {
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

/** Awaits what a foreign iterator gives. */
function awaitStep(result: unknown, source: AsyncIterator<unknown>): unknown {
  return result instanceof Promise ? new NextWait(result, source).enter() : enter(result);
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
    return awaitStep(source.next(), source);
  }

  /** Whether there is an item. */
  more(result: any): boolean {
    const source = this.#source;
    if (source instanceof Resumption) {
      if (result !== EMIT) return false;
      source.emitted();
      this.item = exec.item;
    } else {
      checkResult(result);
      if (result.done) return false;
      this.item = result.value;
    }
    return (this.open = true);
  }

  /** Closes the source: a value, or SUSPEND. */
  close(): unknown {
    const source = this.#source;
    if (source instanceof Resumption) {
      const result = source.resume(RETURN, undefined, "return()");
      if (result === EMIT) source.emitted();
      return result;
    }
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

/** What a `yield*` stands on: another generator of ours, or any iterator. */
class Delegation implements Delegate {
  readonly #source: Source;
  value: unknown = undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Asks for the next item, by what was sent or thrown in: what `more` is to be given, or SUSPEND. */
  resume(mode: typeof NEXT | typeof THROW_IN, value: unknown): unknown {
    const source = this.#source;
    if (source instanceof Resumption) return source.resume(mode, value, mode === NEXT ? "next()" : "throw()");
    return awaitStep(mode === NEXT ? source.next(value) : throwInto(source, value), source);
  }

  return(value: unknown): unknown {
    const source = this.#source;
    if (source instanceof Resumption) return source.resume(RETURN, value, "return()");
    if (source.return === undefined || source.return === null) return { done: true, value };
    return enter(source.return(value));
  }

  more(result: any): boolean {
    const source = this.#source;
    if (source instanceof Resumption) {
      this.value = result;
      if (result !== EMIT) return false;
      source.emitted();
      return true;
    }
    checkResult(result);
    this.value = exec.item = result.value;
    return !result.done;
  }
}

/** `yield* iterable` in an async generator: gives its items, and what is sent and thrown in goes to it. */
export function* delegate(iterable: unknown): Generator<any, any, any> {
  const delegation = new Delegation(open(iterable));
  let mode: typeof NEXT | typeof THROW_IN = NEXT;
  let value: unknown;
  for (;;) {
    let $ = delegation.resume(mode, value);
    if ($ === SUSPEND) $ = yield;
    if (!delegation.more($)) return delegation.value;
    exec.delegate = delegation;
    try {
      value = yield EMIT;
      mode = NEXT;
    } catch (error) {
      value = error;
      mode = THROW_IN;
    }
  }
}

function throwInto(source: AsyncIterator<unknown>, error: unknown): unknown {
  if (source.throw === undefined) throw error;
  return source.throw(error);
}
