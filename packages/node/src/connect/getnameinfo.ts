import { type Coroutine, coroutine, fromPromise } from "tsyncio";
import { builtin } from "../builtin.ts";
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
 * @throws Node's error, as for `getaddrinfo`.
 * @throws {TypeError} for what is no IP address.
 * @throws {RangeError} for what is no port.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.getnameinfo
 */
export function getnameinfo({ address, port }: { readonly address: string; readonly port: Port }): Coroutine<NameInfo> {
  if (builtin("net").isIP(address) === 0)
    throw new TypeError(`Cannot look up names: expected an IP address, received ${JSON.stringify(address)}`);
  return lookingUp(address, portNumber(port));
}

const lookingUp = coroutine(function* getnameinfo(address: string, port: number) {
  return yield* fromPromise(builtin("dns").promises.lookupService(address, port));
});
