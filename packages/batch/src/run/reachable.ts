import type { BatchRequest } from "../request/batch-request.ts";

const MOST = 1_000;

/** Who has answered in this run: so it is known whether a server, or everything, is out of reach. */
export class Reachable {
  readonly #origins: Set<string> = new Set();

  answered(request: BatchRequest): void {
    if (this.#origins.size < MOST) this.#origins.add(originOf(request));
  }

  /** Whether it is the fault of one address among others that it does not answer, and not of the network, or of the one server. */
  isAlone(request: BatchRequest): boolean {
    return this.#origins.size > 0 && !this.#origins.has(originOf(request));
  }
}

function originOf({ url }: BatchRequest): string {
  return URL.canParse(String(url)) ? new URL(url).origin : "the base of the client";
}
