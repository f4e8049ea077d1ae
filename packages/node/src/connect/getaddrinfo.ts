import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Coroutine, coroutine, fromPromise } from "tsyncio";
import { builtin } from "../builtin.ts";
import { AddressError } from "../errors.ts";
import type { SocketAddress } from "../transport/protocol.ts";
import { type Port, portNumber } from "./port.ts";

/** How a name is resolved. */
export interface ResolveOptions {
  /** Only addresses of this family. Default: both. */
  readonly family?: 4 | 6 | undefined;
  /** Node's flags for the resolver, such as `dns.ADDRCONFIG`. */
  readonly hints?: number | undefined;
  /** Resolves in place of Node's `dns.lookup`: a cache, another resolver. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * The addresses of a host, in the order in which the resolver gives them. A literal address is itself, without asking
 * anybody; null is this machine.
 *
 * **When cancelled**: the answer is not waited for.
 *
 * @throws Node's error with `code` "ENOTFOUND", "EAI_AGAIN", … when the name cannot be resolved.
 * @throws {AddressError} when there is no address of the family.
 * @throws {RangeError} for what is no port.
 * @example
 * ```ts
 * import { getaddrinfo } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * const [address] = await run(getaddrinfo("127.0.0.1", 80));
 * console.log(address); // → { address: '127.0.0.1', port: 80, family: 'IPv4' }
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.getaddrinfo
 */
export function getaddrinfo(
  host: string | null,
  port: Port,
  options: ResolveOptions = {},
): Coroutine<readonly SocketAddress[]> {
  return resolving(host, portNumber(port), options);
}

const resolving = coroutine(function* getaddrinfo(host: string | null, port: number, options: ResolveOptions) {
  const { family } = options;
  const found = literals(host) ?? (yield* fromPromise(looked(host as string, options)));
  const addresses = found.map(
    (one) => ({ address: one.address, port, family: one.family === 6 ? "IPv6" : "IPv4" }) as const,
  );
  const serving = family === undefined ? addresses : addresses.filter((one) => one.family === `IPv${family}`);
  if (serving.length > 0) return serving;
  throw new AddressError(
    `Cannot resolve ${JSON.stringify(host)}: it has no ${family === undefined ? "" : `IPv${family} `}address`,
  );
});

function literals(host: string | null): readonly LookupAddress[] | null {
  if (host === null || host === "")
    return [
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
    ];
  const family = builtin("net").isIP(host);
  return family === 0 ? null : [{ address: host, family }];
}

function looked(
  host: string,
  { family, hints, lookup = builtin("dns").lookup }: ResolveOptions,
): Promise<readonly LookupAddress[]> {
  const options = { all: true, verbatim: true, family: family ?? 0, ...(hints === undefined ? undefined : { hints }) };
  return new Promise((resolve, reject) => {
    (lookup as LookupFunction)(host, options, (error, found, foundFamily) => {
      if (error !== null) reject(error);
      else
        resolve(
          typeof found === "string" ? [{ address: found, family: foundFamily ?? builtin("net").isIP(found) }] : found,
        );
    });
  });
}
