import type { EventLoop } from "tsyncio";
import { ConnectionLostError } from "../errors.ts";
import { Waiters } from "./waiters.ts";

/**
 * Where those wait who write faster than the peer reads: what a protocol hears about writing goes in here.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | open | the start, `resume()` | `pause()`, `lose()` |
 * | paused | `pause()` | `resume()`, `lose()`: both let the waiting go |
 * | lost | `lose()` | |
 */
export class WriteGate {
  #state: "open" | "paused" | "lost" = "open";
  readonly #waiters: Waiters;

  constructor(loop: EventLoop) {
    this.#waiters = new Waiters(loop);
  }

  get open(): boolean {
    return this.#state === "open";
  }

  /** For `pauseWriting`. */
  pause(): void {
    if (this.#state === "open") this.#state = "paused";
  }

  /** For `resumeWriting`. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "open";
    this.#waiters.release();
  }

  /** For `connectionLost`. */
  lose(error: unknown): void {
    this.#state = "lost";
    this.#waiters.release(error);
  }

  /** Waits while it is paused. @throws {ConnectionLostError} when it is lost. */
  *passage(): Generator<undefined, void, unknown> {
    if (this.#state === "lost")
      throw new ConnectionLostError("Cannot write: the connection is lost; look at isClosing() before");
    if (this.#state === "paused") yield* this.#waiters.wait();
  }
}
