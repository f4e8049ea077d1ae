import type { Socket } from "node:net";
import { CancelledError, type Coroutine, copyContext, coroutine } from "tsyncio";
import { ConnectionLostError } from "../errors.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import { SocketTransport } from "../transport/socket-transport.ts";
import type { BaseTransport, Transport } from "../transport/transport.ts";
import { clientSide, serverName } from "./client-side.ts";
import { Handshake, type HandshakePlan, type Side } from "./handshake.ts";
import { serverSide } from "./server-side.ts";
import {
  type ClientTls,
  type ServerTls,
  type TlsTimeouts,
  clientSettings,
  limitsOf,
  serverSettings,
} from "./tls-options.ts";

/** Options of `startTls`. */
export interface StartTlsOptions extends TlsTimeouts {
  /** Whether this is the server's side of the handshake. Default: the client's. */
  readonly serverSide?: boolean;
  /** The name that the server is asked for, and that its certificate must be for: see `createConnection`. A client needs it. */
  readonly serverHostname?: string;
}

/**
 * Encrypts a connection from here on, as SMTP, IMAP and the databases do after a word in plain text. What was written to the
 * transport before is sent before, in plain text; what comes from the peer and was not handed to the protocol yet counts as
 * encrypted.
 *
 * Gives a new transport, which calls `protocol`, without another `connectionMade`. The old one is not to be used any more:
 * writing to it fails; `close()` and `abort()` reach the new one. A connection that has TLS already is wrapped in one more.
 *
 * **When cancelled**: the connection is closed.
 *
 * When it fails or is cancelled, `connectionLost` of `protocol` is called.
 *
 * @throws Node's error when the handshake fails (`code` "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID", …).
 * @throws {TimeoutError} when it takes longer than `handshakeTimeout`.
 * @throws {ConnectionLostError} when the connection is closing, or has ended.
 * @throws {RangeError} for a time limit that is not above 0, and when nothing tells a client the name of the server.
 * @throws {TypeError} for a transport that is not one of a stream connection, and for what is no TLS.
 * @example
 * ```ts fragment
 * // In a protocol, when the server has agreed:
 * this.transport = await startTls(this.transport, this, true, { serverHostname: "mail.example" });
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.start_tls
 */
export function startTls(
  transport: BaseTransport,
  protocol: StreamProtocol,
  tls: ClientTls | ServerTls,
  options: StartTlsOptions = {},
): Coroutine<Transport> {
  return upgradeToTls(PLAIN, transport, protocol, tls, options);
}

/** What stands above a transport whose connection is encrypted. */
export interface Upgrade<T> {
  /** Gives back what came in plain text and nobody has looked at. */
  takeUnread(): Uint8Array;
  /** Takes the new transport; what it gives is given. */
  secured(transport: Transport): T;
}

const PLAIN: Upgrade<Transport> = { takeUnread: () => new Uint8Array(0), secured: (transport) => transport };
const WHAT = "start TLS";

/** @internal As `startTls`, for a stream as well. */
export function upgradeToTls<T>(
  upgrade: Upgrade<T>,
  transport: BaseTransport,
  protocol: StreamProtocol,
  tls: ClientTls | ServerTls,
  options: StartTlsOptions,
): Coroutine<T> {
  const side = sideOf(tls, options);
  const limits = limitsOf(options, WHAT);
  if (!(transport instanceof SocketTransport))
    throw new TypeError(`Cannot ${WHAT}: expected the transport of a stream connection, received ${String(transport)}`);
  return upgrading(upgrade, transport, { side, limits, protocol });
}

function sideOf(tls: ClientTls | ServerTls, options: StartTlsOptions): Side {
  if (options.serverSide === true) return serverSide(serverSettings(tls as ServerTls, WHAT));
  const settings = clientSettings(tls as ClientTls, WHAT);
  const checked = settings.rejectUnauthorized !== false && settings.checkServerIdentity === undefined;
  const name = serverName(options, settings, checked ? null : "");
  if (name !== null) return clientSide(settings, name);
  throw new RangeError(`Cannot ${WHAT}: nothing tells the name of the server; pass serverHostname, "" checks none`);
}

const upgrading = coroutine(function* startTls<T>(
  upgrade: Upgrade<T>,
  transport: SocketTransport,
  plan: Omit<HandshakePlan, "options">,
) {
  if (transport.isClosing()) throw new ConnectionLostError(`Cannot ${WHAT}: the connection is closing or closed`);
  const { loop, server } = transport;
  const context = copyContext();
  const extra = { sockname: transport.getExtraInfo("sockname"), peername: transport.getExtraInfo("peername") };
  const options = { extra, server, upgrade: true };
  const begin = (socket: Socket): Handshake => new Handshake(loop, socket, { ...plan, options });
  const handshake = transport.detach(upgrade.takeUnread(), begin);
  try {
    return upgrade.secured(yield* handshake.done());
  } catch (error) {
    // There was a connection: its protocol is to hear that it has ended.
    if (handshake.transport === null)
      loop.callSoonIn(context, connectionLost, plan.protocol, error instanceof CancelledError ? null : error);
    throw error;
  }
});

/** The callback of the loop: its name stands in reports. */
function connectionLost(protocol: StreamProtocol, error: unknown): void {
  protocol.connectionLost(error);
}
