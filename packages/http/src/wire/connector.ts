import type { Socket } from "node:net";
import { type Coroutine, coroutine } from "tsyncio";
import { type Dialing, dialled } from "./dial.ts";
import type { WireRequest } from "./transport.ts";
import { tunnel } from "./tunnel.ts";
import { type Connect, undici } from "./undici.ts";

/** TLS of the client: what Node's `tls.connect` takes of it. */
export interface TlsOptions {
  /** Authorities that are trusted in place of the usual ones, in PEM. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** The client's own certificate, in PEM. */
  readonly cert?: string | Uint8Array;
  /** The key to it, in PEM. */
  readonly key?: string | Uint8Array;
  /** What the key is locked with. */
  readonly passphrase?: string;
  /** The name that the server's certificate is to have. Default: the host of the URL. */
  readonly serverName?: string;
  /** Whether a server is refused whose certificate cannot be trusted. Default: true. */
  readonly rejectUnauthorized?: boolean;
}

/** Opens sockets to servers. */
export class Connector {
  readonly #tls: Readonly<Record<string, unknown>>;
  readonly #http2: boolean;
  #connect: Connect | null = null;

  constructor(tls: TlsOptions | undefined, http2: boolean) {
    const { serverName, ...others } = tls ?? {};
    this.#tls = { ...others, ...(serverName === undefined ? undefined : { servername: serverName }) };
    this.#http2 = http2;
  }

  /** A socket to the server of `target`, with TLS when that is HTTPS; through `proxy`, unless it is null. */
  open(target: URL, proxy: URL | null, request: WireRequest, dialing: Dialing): Coroutine<Socket> {
    return opening(this, target, proxy, request, dialing);
  }

  /** @internal */
  *opening(target: URL, proxy: URL | null, request: WireRequest, dialing: Dialing): Generator<any, Socket, any> {
    const through = proxy === null ? undefined : yield* dialled(tunnel(proxy, target, this.#tls), request, dialing);
    if (through !== undefined && target.protocol === "http:") return through;
    const connect = (this.#connect ??= this.#make());
    const { protocol, port, host } = target;
    const hostname = target.hostname.replace(/^\[|\]$/g, "");
    const socket = yield* dialled(
      (told) =>
        connect({ protocol, hostname, host, port, ...(through && { httpSocket: through }) }, (error, open) =>
          told(error, open ?? null),
        ),
      request,
      dialing,
    );
    return socket;
  }

  #make(): Connect {
    // Time limits are the loop's.
    return undici().buildConnector({ ...this.#tls, allowH2: this.#http2, timeout: 0 });
  }
}

const opening = coroutine(function* open(
  connector: Connector,
  target: URL,
  proxy: URL | null,
  request: WireRequest,
  dialing: Dialing,
) {
  return yield* connector.opening(target, proxy, request, dialing);
});
