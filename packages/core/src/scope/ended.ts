import { SUSPEND } from "../coroutine/protocol.ts";
import { OVER, PARKED, Wait } from "../coroutine/wait.ts";
import type { Future, Listener } from "../task/future.ts";
import type { Task } from "../task/task.ts";

/** Waits until a future is done, whatever its outcome. Unlike awaiting it, a cancellation does not reach the future. */
export class Ended extends Wait<undefined> implements Listener {
  readonly #future: Future<any>;

  constructor(future: Future<any>) {
    super();
    this.#future = future;
  }

  get name(): string {
    return "end";
  }

  /** For call graphs: who waits. */
  get completes(): Task<any> | undefined {
    return this.task ?? undefined;
  }

  enter(): typeof SUSPEND {
    this.begin();
    this.park();
    this.#future.listen(this);
    return SUSPEND;
  }

  notify(): void {
    this.task!.loop.soon(this);
  }

  fire(): void {
    if (this.phase === PARKED) this.wake();
  }

  resume(): undefined {
    this.phase = OVER;
  }

  override interrupted(): void {
    this.phase = OVER;
    this.#future.unlisten((listener) => listener === this);
  }
}
