import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { builtin } from "../builtin.ts";
import { ConnectionLostError } from "../errors.ts";
import type { Layer } from "../transport/attach.ts";
import { type Outcome, type Side, tlsLayer } from "./handshake.ts";
import { type ClientTlsOptions, type ClientTlsSettings, checkPlain, clientSettings, limitsOf } from "./tls-options.ts";

/**
 * What `options` put between a socket and its transport; undefined without TLS.
 *
 * @throws {RangeError} for options that mean nothing without TLS, a time limit that is not above 0, and when nothing tells the
 * name of the server.
 * @throws {TypeError} for what is no TLS.
 * @throws Node's error for a key or a certificate that is none.
 */
export function clientLayer(options: ClientTlsOptions, host: string | null, what: string): Layer | undefined {
  const { tls } = options;
  if (tls === undefined || tls === false) return void checkPlain(options, what);
  const settings = clientSettings(tls, what);
  const name = serverName(options, settings, host === "" ? null : host);
  if (name === null)
    throw new RangeError(
      `Cannot ${what}: tls needs the name of the server, and there is no host; pass serverHostname, "" checks none`,
    );
  const limits = limitsOf(options, what);
  return tlsLayer(clientSide(settings, name), limits);
}

/** The name that the certificate must be for; "" for any. A servername of "" is none to Node, which then checks the host. */
export function serverName<T>(
  { serverHostname }: { readonly serverHostname?: string },
  { servername }: ClientTlsSettings,
  otherwise: T,
): string | T {
  return serverHostname ?? (servername || otherwise);
}

/** @throws Node's error for a key or a certificate that is none. */
export function clientSide(settings: ClientTlsSettings, name: string): Side {
  const context = settings.secureContext ?? builtin("tls").createSecureContext(settings);
  const options = {
    ...settings,
    secureContext: context,
    // The name to check, which may be an address; the one to send may not.
    host: name,
    servername: name === "" || settings.servername === "" || builtin("net").isIP(name) !== 0 ? undefined : name,
    ...(name === "" ? { checkServerIdentity: settings.checkServerIdentity ?? unchecked } : undefined),
  };
  return {
    context,
    begin(socket, outcome) {
      follow(builtin("tls").connect({ ...options, socket }), outcome);
    },
  };
}

function unchecked(): undefined {}

function follow(socket: TLSSocket, outcome: Outcome): void {
  const onError = (error: Error): void => outcome.failed(error);
  const onClose = (): void =>
    outcome.failed(new ConnectionLostError("Cannot do the TLS handshake: the socket was destroyed"));
  socket
    .on("error", onError)
    .on("close", onClose)
    .once("secureConnect", () => {
      socket.off("error", onError).off("close", onClose).on("error", ignore);
      outcome.secured(socket);
    });
}

/** What goes wrong when nobody is interested any more. */
function ignore(this: Socket): void {}
