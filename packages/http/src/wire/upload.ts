import { CancelledError, type Coroutine, type EventLoop, type Future, coroutine } from "tsyncio";

type Step = IteratorResult<Uint8Array, undefined>;
const END: Step = { done: true, value: undefined };

/**
 * A body that is sent in parts: iterated by a task of the loop, and by undici, which lives on promises, with a part at a time
 * between them. So no more is taken from the source than the socket takes.
 */
export class Upload implements AsyncIterable<Uint8Array> {
  readonly #loop: EventLoop;
  readonly #waitsFor: (whom: "source" | "server") => void;
  #wanted: Future<boolean> | null = null;
  /** undici's, who waits for a part. */
  #asked: ((step: Step) => void) | null = null;
  #over = false;

  /** @param waitsFor is told who is to do something: the source has to give a part, or the server to take what there is. */
  constructor(loop: EventLoop, waitsFor: (whom: "source" | "server") => void) {
    this.#loop = loop;
    this.#waitsFor = waitsFor;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.end();
        return Promise.resolve(END);
      },
    };
  }

  /** Whether another part is wanted: comes when it is, or when none is any more. */
  *wanted(): Generator<any, boolean, any> {
    if (this.#over) return false;
    if (this.#asked !== null) return true;
    this.#wanted = this.#loop.createFuture<boolean>();
    return yield* this.#wanted;
  }

  give(part: Uint8Array): void {
    this.#answer({ done: false, value: part });
  }

  /** That was all, or nothing is wanted any more. */
  end(): void {
    this.#over = true;
    this.#answer(END);
    if (this.#wanted !== null && !this.#wanted.done()) this.#wanted.setResult(false);
  }

  #next(): Promise<Step> {
    if (this.#over) return Promise.resolve(END);
    this.#waitsFor("source");
    return new Promise<Step>((give) => {
      this.#asked = give;
      if (this.#wanted !== null && !this.#wanted.done()) this.#wanted.setResult(true);
    });
  }

  #answer(step: Step): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked === null) return;
    this.#waitsFor("server");
    asked(step);
  }
}

/** Moves everything from `source` into `upload`. What the source throws is told to `failed`. */
export const uploading: (
  source: AsyncIterable<Uint8Array>,
  upload: Upload,
  failed: (error: unknown) => void,
) => Coroutine<void> = coroutine(function* upload(
  source: AsyncIterable<Uint8Array>,
  upload: Upload,
  failed: (error: unknown) => void,
) {
  let iterator: AsyncIterator<Uint8Array> | null = null;
  try {
    while (yield* upload.wanted()) {
      iterator ??= source[Symbol.asyncIterator]();
      // An iterator that is interrupted in a step, or throws, closes itself.
      const stepping: AsyncIterator<Uint8Array> = iterator;
      iterator = null;
      const step = (yield stepping.next()) as IteratorResult<Uint8Array, undefined>;
      if (step.done) break;
      iterator = stepping;
      upload.give(step.value);
    }
    upload.end();
  } catch (error) {
    failed(error);
    if (error instanceof CancelledError) throw error;
  } finally {
    if (iterator !== null) yield iterator.return?.();
  }
});
