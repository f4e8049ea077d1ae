import { type EventLoop, type Interrupt, newEventLoop } from "tsyncio";
import { VirtualHost } from "../../../test/virtual-host.ts";

/** Virtual time, and signals that the test sends. */
export class InterruptibleHost extends VirtualHost {
  readonly #listeners = new Set<Interrupt>();

  onInterrupt(listener: Interrupt): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How many listen. */
  get listening(): number {
    return this.#listeners.size;
  }

  /** As if the user had pressed Ctrl-C. */
  interrupt(): void {
    for (const listener of this.#listeners) listener("SIGINT");
  }

  readonly loopFactory = (): EventLoop => newEventLoop({ host: this });
}
