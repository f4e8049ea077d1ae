import { SUSPEND } from "../coroutine/protocol.ts";
import { Wait } from "../coroutine/wait.ts";

/** Throws in the next iteration: what asyncio does when a task awaits what it must not. */
export class RaiseNext extends Wait<never> {
  readonly #error: unknown;

  constructor(error: unknown) {
    super();
    this.#error = error;
  }

  get name(): string {
    return "await";
  }

  enter(): typeof SUSPEND {
    this.park();
    this.wake();
    return SUSPEND;
  }

  resume(): never {
    throw this.#error;
  }
}
