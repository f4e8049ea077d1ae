import { type Coroutine, Event, type EventLoop, coroutine } from "tsyncio";
import type { WriterProtocol } from "../stream/stream-writer.ts";
import { WriteGate } from "../stream/write-gate.ts";

/** What a writer needs to know of the stdin of a child. */
export class ChildInput implements WriterProtocol {
  readonly writing: WriteGate;
  readonly #closing: Event = new Event();
  #end: { readonly error: unknown } | null = null;

  constructor(loop: EventLoop) {
    this.writing = new WriteGate(loop);
  }

  /** The pipe has ended; the error is null unless it broke. */
  lose(error: unknown): void {
    this.writing.lose(error);
    this.#end = { error };
    this.#closing.set();
  }

  closed(): Coroutine<void> {
    return ChildInput.#closed(this);
  }

  static readonly #closed = coroutine(function* waitClosed(input: ChildInput) {
    yield input.#closing.wait();
    const { error } = input.#end as unknown as { error: unknown };
    if (error !== null) throw error;
  });
}
