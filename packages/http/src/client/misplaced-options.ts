import type { HttpClientOptions } from "./options.ts";

type Name = keyof HttpClientOptions;

const OF_SOCKETS: readonly Name[] = ["connectionsPerOrigin", "proxy", "tls", "http2"];
const SHARED: readonly Name[] = [
  ...OF_SOCKETS,
  "transport",
  "concurrency",
  "concurrencyPerOrigin",
  "limits",
  "learnLimits",
  "breaker",
];

/** What would be passed over in silence, such as a proxy. @throws {TypeError} when a transport is given, and something that is for sockets. */
export function checkTransport(options: HttpClientOptions): void {
  const name = options.transport === undefined ? undefined : given(OF_SOCKETS, options);
  if (name !== undefined)
    throw new TypeError(
      `Cannot create HttpClient: ${name} is for sockets, and a transport takes their place; pass it to new UndiciTransport()`,
    );
}

/** @throws {TypeError} for what clients share that were made of each other. */
export function checkExtension(options: HttpClientOptions): void {
  const name = given(SHARED, options);
  if (name !== undefined)
    throw new TypeError(
      `Cannot extend HttpClient: it shares ${name} with the new one; make another with new HttpClient()`,
    );
}

const given = (names: readonly Name[], options: HttpClientOptions): Name | undefined =>
  names.find((name) => options[name] !== undefined);
