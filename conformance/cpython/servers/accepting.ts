import type { Transport } from "@tsyncio/node";
import type { Coroutine } from "tsyncio";
import { Recorder } from "../transports/recorder.ts";
import { Watch } from "../transports/watch.ts";

/** The protocols that a server has made, in order. */
export class Accepted {
  readonly all: Recorder[] = [];
  readonly #watch = new Watch();

  /** The server's factory. */
  readonly factory = (): Recorder => {
    const accepted = this;
    class Counted extends Recorder {
      override connectionMade(transport: Transport): void {
        super.connectionMade(transport);
        accepted.all.push(this);
        accepted.#watch.changed();
      }
    }
    return new Counted();
  };

  /** Waits for so many connections. */
  until(count: number): Coroutine<void> {
    return this.#watch.until(() => this.all.length >= count);
  }
}
