import { type Coroutine, Future, coroutine } from "tsyncio";

/** Something that changes from outside, and a way to wait until it is as it should be. */
export class Watch {
  #next: Future<undefined> | null = null;

  changed(): void {
    if (this.#next?.done() === false) this.#next.setResult(undefined);
  }

  /** Waits until `condition` holds; it is looked at after every change. */
  until(condition: () => boolean): Coroutine<void> {
    return Watch.#until(this, condition);
  }

  static readonly #until = coroutine(function* until(watch: Watch, condition: () => boolean) {
    while (!condition()) {
      watch.#next = new Future<undefined>();
      yield* watch.#next;
    }
  });
}
