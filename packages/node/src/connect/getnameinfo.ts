import { lookupService } from "node:dns/promises";
import { type Coroutine, fromPromise } from "tsyncio";
import { type Port, portNumber } from "./port.ts";

/** What `getnameinfo` gives. */
export interface NameInfo {
  readonly hostname: string;
  readonly service: string;
}

/**
 * The names of an address: that of the host, and that of the service at the port.
 *
 * **When cancelled**: the answer is not waited for.
 *
 * @throws Node's error, as for `getaddrinfo`; TypeError for what is no IP address.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.getnameinfo
 */
export function getnameinfo({ address, port }: { readonly address: string; readonly port: Port }): Coroutine<NameInfo> {
  return fromPromise(lookupService(address, portNumber(port)));
}
