import type { ConnectionOptions, SecureContext, TlsOptions } from "node:tls";
import { type Duration, milliseconds } from "tsyncio";

/** Node's options for the client side of TLS: `ca`, `cert`, `key`, `rejectUnauthorized`, `ALPNProtocols`, … */
export type ClientTlsSettings = Omit<
  ConnectionOptions,
  "host" | "port" | "path" | "socket" | "allowHalfOpen" | "lookup" | "timeout"
>;

/** Node's options for the server side of TLS: `cert`, `key`, `ca`, `requestCert`, `SNICallback`, `ALPNProtocols`, … */
export type ServerTlsSettings = Omit<
  TlsOptions,
  "allowHalfOpen" | "pauseOnConnect" | "noDelay" | "keepAlive" | "keepAliveInitialDelay" | "handshakeTimeout"
>;

/** TLS for a client: true for what Node does by itself, Node's options, or what `tls.createSecureContext()` gives. */
export type ClientTls = boolean | SecureContext | ClientTlsSettings;

/** TLS for a server, which has a certificate: Node's options, or what `tls.createSecureContext()` gives. */
export type ServerTls = SecureContext | ServerTlsSettings;

/** How long TLS may take to begin and to end. */
export interface TlsTimeouts {
  /** How long the handshake may take. Default: 60 s. */
  readonly handshakeTimeout?: Duration;
  /** How long `close()` waits until everything is sent and the peer has said goodbye too. Default: 30 s. */
  readonly shutdownTimeout?: Duration;
}

/**
 * Options of what connects, with TLS or without.
 *
 * @example
 * ```ts fragment
 * const [reader, writer] = await openConnection("example.com", 443, { tls: true });
 * const inside = await openConnection("10.0.0.7", 5433, { tls: { ca, cert, key }, serverHostname: "db.internal" });
 * ```
 */
export interface ClientTlsOptions extends TlsTimeouts {
  /** Whether, and how, the connection is encrypted and the server's certificate checked. Default: it is plain. */
  readonly tls?: ClientTls;
  /**
   * The name that the server is asked for (SNI), and that its certificate must be for. Default: `tls.servername`, else the host.
   * "": no name is sent or checked; the certificate is checked all the same.
   */
  readonly serverHostname?: string;
}

/**
 * Options of what accepts connections, with TLS or without.
 *
 * @example
 * ```ts fragment
 * const server = await startServer(onClient, null, 8443, { tls: { cert, key } });
 * const inside = await startServer(onClient, null, 5433, { tls: { cert, key, ca, requestCert: true } });
 * ```
 */
export interface ServerTlsOptions extends TlsTimeouts {
  /** With which certificate, and how, connections are encrypted. Default: they are plain. */
  readonly tls?: ServerTls;
}

/** Milliseconds. */
export interface Limits {
  readonly handshake: number;
  readonly shutdown: number;
}

const HANDSHAKE = 60_000;
const SHUTDOWN = 30_000;

/** @throws {RangeError} unless they are above 0. */
export function limitsOf({ handshakeTimeout, shutdownTimeout }: TlsTimeouts, what: string): Limits {
  return {
    handshake: positive("handshakeTimeout", handshakeTimeout ?? HANDSHAKE, what),
    shutdown: positive("shutdownTimeout", shutdownTimeout ?? SHUTDOWN, what),
  };
}

function positive(name: string, duration: Duration, what: string): number {
  const ms = milliseconds(duration);
  if (ms > 0) return ms;
  throw new RangeError(`Cannot ${what}: ${name} must be above 0, received ${String(duration)}`);
}

/** @throws {RangeError} for options that mean nothing without TLS. */
export function checkPlain(options: Omit<ClientTlsOptions, "tls">, what: string): void {
  for (const name of ["serverHostname", "handshakeTimeout", "shutdownTimeout"] as const)
    if (options[name] !== undefined) throw new RangeError(`Cannot ${what}: ${name} means nothing without tls`);
}

/** The options that stand for what a user gives. @throws {TypeError} for what is none of those. */
export function clientSettings(tls: ClientTls, what: string): ClientTlsSettings {
  if (tls === true) return {};
  if (isObject(tls)) return isContext(tls) ? { secureContext: tls } : tls;
  throw new TypeError(
    `Cannot ${what}: tls must be true, options or a SecureContext of node:tls, received ${shown(tls)}`,
  );
}

/** As `clientSettings`, for a server: without a certificate there is none. */
export function serverSettings(tls: ServerTls, what: string): ServerTlsSettings {
  if (isObject(tls)) return isContext(tls) ? { secureContext: tls } : tls;
  throw new TypeError(
    `Cannot ${what}: tls must be options of node:tls, such as { cert, key }, or a SecureContext, received ${shown(tls)}`,
  );
}

function isObject(tls: unknown): tls is object {
  return typeof tls === "object" && tls !== null;
}

function isContext(tls: object): tls is SecureContext {
  return (tls as Partial<SecureContext>).context !== undefined;
}

function shown(tls: unknown): string {
  return typeof tls === "string" ? JSON.stringify(tls) : String(tls);
}
