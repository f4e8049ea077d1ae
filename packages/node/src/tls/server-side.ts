import type { Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { builtin } from "../builtin.ts";
import type { Layer } from "../transport/attach.ts";
import { type Outcome, type Side, tlsLayer } from "./handshake.ts";
import { type ServerTlsOptions, type ServerTlsSettings, checkPlain, limitsOf, serverSettings } from "./tls-options.ts";

/**
 * What `options` put between a socket and its transport; undefined without TLS.
 *
 * @throws {RangeError} for options that mean nothing without TLS, and a time limit that is not above 0.
 * @throws {TypeError} for what is no TLS of a server.
 * @throws Node's error for a key or a certificate that is none.
 */
export function serverLayer(options: ServerTlsOptions, what: string): Layer | undefined {
  const { tls } = options;
  if (tls === undefined) return void checkPlain(options, what);
  const settings = serverSettings(tls, what);
  const limits = limitsOf(options, what);
  return tlsLayer(serverSide(settings), limits);
}

/** Of Node's server, to which ours is nearest to never: the time limit is the handshake's own. */
const NEVER = 2 ** 31 - 1;

/** What Node does not tell of its server and of its sockets, and has had for long under these names. */
interface ServerInside {
  _sharedCreds: SecureContext;
}
interface SocketInside {
  readonly _parent?: Socket;
}

/**
 * Node's TLS server, which never listens: it is given the sockets. All that it does for a connection is done: names of the
 * client (SNI), its certificate, ALPN, sessions.
 *
 * @throws Node's error for a key or a certificate that is none.
 */
export function serverSide(settings: ServerTlsSettings): Side {
  const server = builtin("tls").createServer({ ...settings, handshakeTimeout: NEVER, pauseOnConnect: false });
  const inside = server as unknown as ServerInside;
  // tls.Server makes its own from the options, also where it is given one.
  if (settings.secureContext !== undefined) inside._sharedCreds = settings.secureContext;
  const begun = new WeakMap<Socket, Outcome>();
  const outcomeOf = (socket: TLSSocket): Outcome | undefined => begun.get((socket as SocketInside)._parent as Socket);
  server.on("secureConnection", (socket) => {
    // Until now the end of the peer was the end of the connection; from now on it is for the transport.
    socket.allowHalfOpen = true;
    outcomeOf(socket)?.secured(socket);
  });
  server.on("tlsClientError", (error, socket) => outcomeOf(socket)?.failed(refusal(socket) ?? error));
  return {
    context: inside._sharedCreds,
    begin(socket, outcome) {
      begun.set(socket, outcome);
      socket.allowHalfOpen = false;
      server.emit("connection", socket);
    },
  };
}

/** Node tells no more than that the connection is reset when it does not trust the client's certificate. */
function refusal({ authorizationError }: TLSSocket): Error | null {
  if (!authorizationError) return null;
  const code = String(authorizationError);
  return Object.assign(new Error(`Cannot trust the certificate of the client: ${code}`), { code });
}
