import { type Coroutine, type Task, RuntimeError, coroutine, getRunningLoop, wait } from "tsyncio";
import { OriginMap } from "../origin-map.ts";
import type { Connection } from "./connection.ts";
import { Connector, type TlsOptions } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { Pool } from "./pool.ts";
import { type ProxyChoice, proxyChoice, proxyHeaders } from "./proxy.ts";
import type { HttpTransport, WireRequest, WireResponse, WireStatistics } from "./transport.ts";
import { Upload, uploading } from "./upload.ts";

/** Options of `UndiciTransport`. */
export interface UndiciTransportOptions {
  /** How many sockets to one origin may be open. Default: 100. */
  readonly connectionsPerOrigin?: number;
  /** The proxy; `"environment"`: what the variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. Default: none. */
  readonly proxy?: string | URL | null;
  readonly tls?: TlsOptions;
  /** Whether servers may choose HTTP/2, over TLS. Default: false. */
  readonly http2?: boolean;
}

const CONNECTIONS_PER_ORIGIN = 100;

/** The requests of one origin: where its connections lead, and how it is told there what is wanted. */
interface Route {
  readonly pool: Pool;
  /** Before the path, for a proxy that is asked in plain HTTP. */
  readonly prefix: string;
  /** Headers for that proxy. */
  readonly headers: readonly string[];
}

/**
 * Requests over sockets, by way of undici. Connections are kept for the next request until they have been idle for 4 s, or as long
 * as the server says.
 *
 * Its requests may come from several loops, each as long as it runs.
 */
export class UndiciTransport implements HttpTransport {
  readonly #connector: Connector;
  readonly #proxy: ProxyChoice;
  readonly #limit: number;
  readonly #http2: boolean;
  readonly #routes = new OriginMap<Route>(({ pool }) => pool.idle);
  #active = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  /** @throws {RangeError} {TypeError} for options that are none. */
  constructor(options: UndiciTransportOptions = {}) {
    const limit = options.connectionsPerOrigin ?? CONNECTIONS_PER_ORIGIN;
    if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0))
      throw new RangeError(
        `Cannot create HttpClient: connectionsPerOrigin must be an integer >= 1, or Infinity, received ${String(limit)}`,
      );
    this.#limit = limit;
    this.#http2 = options.http2 ?? false;
    this.#connector = new Connector(options.tls, this.#http2);
    this.#proxy = proxyChoice(options.proxy ?? null);
  }

  /**
   * Sends a request. See `HttpTransport`.
   *
   * **When cancelled**: one that waits for a connection leaves the line; one that connects closes its socket; one that is on the
   * wire has its connection closed (HTTP/2: its stream reset).
   *
   * @throws {HttpError}
   */
  exchange(request: WireRequest): Coroutine<WireResponse> {
    return exchanging(this, request);
  }

  close(): Coroutine<void> {
    return closing(this);
  }

  abort(): void {
    this.#closed = true;
    for (const { pool } of this.#routes.values()) pool.abort();
  }

  origins(): readonly string[] {
    return [...this.#routes.keys()];
  }

  statistics(origin: string): WireStatistics | null {
    return this.#routes.get(origin)?.pool.statistics() ?? null;
  }

  /** @internal */
  *exchanging(request: WireRequest): Generator<any, WireResponse, any> {
    const { method, url, body } = request;
    if (this.#closed) throw new RuntimeError(`Cannot ${method} ${url.origin}: the client is closed`);
    const streamed = body !== null && !(body instanceof Uint8Array);
    for (;;) {
      const route = this.#routes.get(url.origin) ?? this.#open(url);
      const connection = yield* this.#connection(route, request, streamed);
      const exchange = new Exchange(getRunningLoop(), request, () => {
        route.pool.leave(connection);
        this.#left();
      });
      const upload = streamed ? sending(exchange, body) : null;
      const { used } = connection;
      connection.used = true;
      dispatch(route, connection, exchange, request, upload === null ? (body as Uint8Array | null) : upload.body);
      try {
        return yield* exchange.response;
      } catch (error) {
        giveUp(exchange);
        // The server has closed a connection that was at rest: that is nobody's fault, and nothing was sent.
        if (!exchange.neverSent || !used || connection.usable) throw error;
      } finally {
        if (upload !== null && exchange.over) yield* upload.ended();
      }
    }
  }

  *#connection(route: Route, request: WireRequest, streamed: boolean): Generator<any, Connection, any> {
    this.#active++;
    try {
      return yield* route.pool.take(request, streamed);
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  #left(): void {
    this.#active--;
    if (this.#active === 0) for (const tell of this.#idle.splice(0)) tell();
  }

  /** @internal */
  *closing(): Generator<any, void, any> {
    this.#closed = true;
    while (this.#active > 0) {
      const idle = getRunningLoop().createFuture<undefined>();
      this.#idle.push(() => {
        if (!idle.done()) idle.setResult(undefined);
      });
      yield* idle;
    }
    for (const { pool } of this.#routes.values()) yield* pool.close();
  }

  #open(url: URL): Route {
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new RangeError(
        `Cannot connect to ${url.protocol}//${url.host}: expected a URL that begins with http: or https:`,
      );
    const target = new URL(url.origin);
    const proxy = this.#proxy(target);
    // What is to be secret needs a connection of its own through the proxy; other requests can be handed to it.
    const handed = proxy !== null && target.protocol === "http:";
    const through = handed ? null : proxy;
    const server = handed ? new URL(proxy.origin) : target;
    const route: Route = {
      pool: new Pool({
        origin: server.origin,
        limit: this.#limit,
        multiplexed: this.#http2 && server.protocol === "https:",
        open: (request, dialing) => this.#connector.open(server, through, request, dialing),
      }),
      prefix: handed ? target.origin : "",
      headers: handed ? Object.entries(proxyHeaders(proxy)).flat() : [],
    };
    this.#routes.set(url.origin, route);
    return route;
  }
}

const exchanging = coroutine(function* exchange(transport: UndiciTransport, request: WireRequest) {
  return yield* transport.exchanging(request);
});

const closing = coroutine(function* close(transport: UndiciTransport) {
  yield* transport.closing();
});

function dispatch(
  { prefix, headers }: Route,
  connection: Connection,
  exchange: Exchange,
  request: WireRequest,
  body: Uint8Array | AsyncIterable<Uint8Array> | null,
): void {
  const { method, url } = request;
  const lines: string[] = [...headers];
  // undici would name the proxy.
  if (prefix !== "" && !request.headers.some(([name]) => name === "host")) lines.push("host", url.host);
  for (const [name, value] of request.headers) lines.push(name, value);
  const path = prefix + url.pathname + url.search;
  // Whether it may be sent again is for others to say: undici, told otherwise, would only hold it back.
  const options = { path, method, headers: lines, body, idempotent: true };
  connection.dispatch(options as Parameters<Connection["dispatch"]>[0], exchange);
}

/** Nobody takes the answer, which may have come in the same moment. */
function giveUp(exchange: Exchange): void {
  exchange.abandon();
  const { response } = exchange;
  if (response.cancelled() || !response.done() || response.exception() !== null) return;
  const { body } = response.result();
  if (!(body instanceof Uint8Array)) body.cancel();
}

interface Sending {
  readonly body: Upload;
  /** Waits until the source is left. */
  ended(): Generator<any, void, any>;
}

/** Sends `source` by a task of its own, which ends with the exchange. */
function sending(exchange: Exchange, source: AsyncIterable<Uint8Array>): Sending {
  const loop = getRunningLoop();
  const upload = new Upload(loop, (whom) => exchange.waitsFor(whom));
  const task: Task<void> = loop.createTask(
    uploading(source, upload, (error) => exchange.fail(error)),
    { name: "upload" },
  );
  exchange.whenOver(() => {
    upload.end();
    task.cancel();
  });
  return {
    body: upload,
    *ended() {
      yield* wait([task]);
    },
  };
}
