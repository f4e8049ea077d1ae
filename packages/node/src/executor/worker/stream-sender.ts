import { closing } from "../closing.ts";
import { CancelledError, type Context, type EventLoop, type Task, coroutine } from "tsyncio";

/** What hears a stream. */
export interface Streaming {
  /** @throws what cannot be sent. */
  send(item: unknown): void;
  /** The iterator is over, or closed: with what it threw. */
  ended(thrown: { readonly error: unknown } | null): void;
}

/** Sends the items of an async iterable as the consumer has room for them. */
export class StreamSender {
  readonly #loop: EventLoop;
  readonly #streaming: Streaming;
  #credit = 0;
  #roomArrived: (() => void) | null = null;
  readonly #task: Task<void>;

  constructor(loop: EventLoop, context: Context | undefined, source: AsyncIterable<unknown>, streaming: Streaming) {
    this.#loop = loop;
    this.#streaming = streaming;
    this.#task = loop.createTask(sending(this, source), context === undefined ? {} : { context });
    this.#task.addDoneCallback((task) => streaming.ended(failureOf(task)));
  }

  pull(credit: number): void {
    this.#credit += credit;
    this.#roomArrived?.();
  }

  leave(): void {
    this.#task.cancel();
  }

  /** @internal */
  *room(): Generator<any, void, any> {
    while (this.#credit === 0) {
      const arrival = this.#loop.createFuture<void>();
      this.#roomArrived = () => void (arrival.done() || arrival.setResult(undefined));
      yield arrival;
      this.#roomArrived = null;
    }
  }

  /** @internal */
  give(item: unknown): void {
    this.#credit--;
    this.#streaming.send(item);
  }
}

/** How a task failed; null when it did not, or because it was left. */
function failureOf(task: Task<unknown>): { readonly error: unknown } | null {
  try {
    task.result();
    return null;
  } catch (error) {
    return error instanceof CancelledError ? null : { error };
  }
}

const sending = coroutine(function* send(
  sender: StreamSender,
  source: AsyncIterable<unknown>,
): Generator<any, void, any> {
  let begun = false;
  try {
    // Nothing of it runs before the first item is asked for.
    yield* sender.room();
    begun = true;
  } finally {
    if (!begun) yield (source as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
  }
  const iterator = source[Symbol.asyncIterator]();
  /** Whether it needs no closing: it has ended, or has thrown. */
  let over = false;
  let stepping = false;
  try {
    for (;;) {
      yield* sender.room();
      over = true;
      stepping = true;
      let step: IteratorResult<unknown>;
      try {
        step = yield iterator.next();
      } catch (error) {
        over = !(error instanceof CancelledError);
        throw error;
      }
      if (step.done) return;
      stepping = false;
      over = false;
      sender.give(step.value);
    }
  } finally {
    if (!over) yield closing(iterator, stepping);
  }
});
