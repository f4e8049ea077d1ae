import { CancelledError, type EventLoop, type Task, coroutine } from "tsyncio";
import { type EncodedError, encodeError } from "../error-transfer.ts";

/** Sends the items of an async iterable as the consumer has room for them. */
export class StreamSender {
  readonly #loop: EventLoop;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #send: (items: readonly unknown[]) => void;
  #credit = 0;
  #roomArrived: (() => void) | null = null;
  readonly #task: Task;

  constructor(
    loop: EventLoop,
    source: AsyncIterable<unknown>,
    send: (items: readonly unknown[]) => void,
    ended: (error: EncodedError | undefined) => void,
  ) {
    this.#loop = loop;
    this.#send = send;
    this.#iterator = source[Symbol.asyncIterator]();
    this.#task = loop.createTask(sending(this, this.#iterator));
    this.#task.addDoneCallback((task) => {
      const error: unknown = task.cancelled() ? null : task.exception();
      ended(error === null || error instanceof CancelledError ? undefined : encodeError(error));
    });
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
    this.#send([item]);
  }
}

const sending = coroutine(function* send(
  sender: StreamSender,
  iterator: AsyncIterator<unknown>,
): Generator<any, void, any> {
  let over = false;
  try {
    for (;;) {
      yield* sender.room();
      const step: IteratorResult<unknown> = yield iterator.next();
      if (step.done) {
        over = true;
        return;
      }
      sender.give(step.value);
    }
  } catch (error) {
    // What the iterator itself threw has ended it.
    over = !(error instanceof CancelledError);
    throw error;
  } finally {
    if (!over) yield iterator.return?.();
  }
});
