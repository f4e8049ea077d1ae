import type { EventLoop } from "../loop/event-loop.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { shownAsText } from "../loop/shown-as-text.ts";

/** What belongs to the first loop on which somebody had to wait for it. What need not wait does not bind it. */
export abstract class LoopBound {
  static {
    shownAsText(this.prototype);
  }

  /** @internal */ boundTo: EventLoop | null = null;

  abstract toString(): string;

  /** @internal To be called before a wait parks. @throws {RuntimeError} on another loop than the first. */
  bind(): void {
    const { task } = exec;
    if (task !== null && task.loop !== this.boundTo) this.#bindTo(task.loop);
  }

  #bindTo(loop: EventLoop): void {
    if (this.boundTo !== null) {
      throw new RuntimeError(
        `Cannot wait for ${String(this)}: it is bound to a different event loop; make one for each loop`,
      );
    }
    this.boundTo = loop;
  }
}
