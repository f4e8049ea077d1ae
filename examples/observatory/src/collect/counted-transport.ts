import type { HttpTransport, WireRequest, WireResponse } from "@tsyncio/http";
import type { Tally } from "./tally.ts";

/** Counts what goes over the wire below it. It can lead requests to another origin: the site has a new port in each run. */
export class CountedTransport implements HttpTransport {
  readonly #below: HttpTransport;
  readonly #tally: Tally;
  readonly #origin: string | undefined;

  constructor(below: HttpTransport, tally: Tally, origin?: string) {
    this.#below = below;
    this.#tally = tally;
    this.#origin = origin;
  }

  async exchange(request: WireRequest): Promise<WireResponse> {
    using _asked = this.#tally.inFlight.enter();
    this.#tally.requests += 1;
    const { pathname, search } = request.url;
    const led = this.#origin === undefined ? request : { ...request, url: new URL(pathname + search, this.#origin) };
    const response = await this.#below.exchange(led);
    if (response.body instanceof Uint8Array) this.#tally.bytes += response.body.length;
    return response;
  }

  async close(): Promise<void> {
    await this.#below.close();
  }

  abort(): void {
    this.#below.abort?.();
  }
}
