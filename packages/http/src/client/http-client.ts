import { type Coroutine, type EventLoop, coroutine, getRunningLoop } from "tsyncio";
import { type Connect, type EventsOptions, ServerSentEvents, headerOfId } from "../events/server-sent-events.ts";
import type { HttpResponse } from "../message/response.ts";
import type { StreamingResponse } from "../message/streaming-response.ts";
import type { HttpTransport, WireStatistics } from "../wire/transport.ts";
import { UndiciTransport } from "../wire/undici-transport.ts";
import { Call, type Carrier } from "./call.ts";
import { checkExtension, checkTransport } from "./misplaced-options.ts";
import type { ClientDefaults, HttpClientOptions, RequestOptions } from "./options.ts";
import { type OriginPolicies, Origins } from "./origin.ts";
import { type Plan, planOf } from "./plan.ts";
import { type ClientSettings, clientSettings } from "./settings.ts";

/** How an origin is doing: its connections, and the policies that it is asked with on the loop that runs. */
export interface OriginStatistics extends WireStatistics, OriginPolicies {}

/** How each origin is doing. */
export type HttpClientStatistics = Readonly<Record<string, OriginStatistics>>;

/** Set aside for `extend`: what a client is made from in the place of options. */
const EXTENDING = Symbol("extending");

interface Extending {
  readonly [EXTENDING]: { readonly carrier: Carrier; readonly settings: ClientSettings };
}

/**
 * An HTTP client: connections that are kept, and what its requests have in common. Make one for a program, not one for a request.
 * It may serve any number of tasks, and several loops.
 *
 * Everything gives a coroutine: nothing is sent before it is awaited. **When cancelled**, at any moment, the request is closed on
 * the wire at once, and its connection is given back or closed.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { HttpClient } from "@tsyncio/http";
 * import { run } from "tsyncio";
 * const server = createServer((request, response) => response.end(JSON.stringify({ path: request.url }))).listen(0);
 * const { port } = server.address() as { port: number };
 * async function main() {
 *   await using client = new HttpClient({ baseUrl: `http://localhost:${port}/` });
 *   const response = await client.get("status", { query: { full: true } });
 *   console.log(response.status, response.json<{ path: string }>().path);
 * }
 * await run(main()); // → 200 /status?full=true
 * server.close();
 * ```
 */
export class HttpClient implements AsyncDisposable {
  readonly #carrier: Carrier;
  readonly #settings: ClientSettings;

  /** @throws {TypeError} {RangeError} for options that are none. */
  constructor(options: HttpClientOptions = {}) {
    if (EXTENDING in options) {
      const { carrier, settings } = (options as Extending)[EXTENDING];
      this.#carrier = carrier;
      this.#settings = settings;
      return;
    }
    checkTransport(options);
    this.#settings = clientSettings(options);
    this.#carrier = {
      transport: options.transport ?? new UndiciTransport(options),
      origins: new Origins(options),
    };
  }

  /**
   * Sends a request and gives the answer, with all of its body.
   *
   * **When cancelled**: the request is closed on the wire at once.
   *
   * @param method `"GET"`; others than HTTP's own are sent as they are written.
   * @throws {TypeError} {RangeError} at the call: for what cannot be sent.
   * @throws {HttpConnectError} when there is no connection.
   * @throws {HttpConnectionError} when the connection breaks.
   * @throws {HttpTimeoutError} when one of the time limits passes.
   * @throws {HttpProtocolError} when what comes is not HTTP.
   * @throws {HttpStatusError} when the status is not accepted: 400 and above, unless told otherwise.
   * @throws {HttpRedirectError} for too many redirects, and those that cannot be followed.
   * @throws {BodyTooLargeError} when the body is larger than `maxBodySize`.
   * @throws what a body that is sent in parts throws.
   */
  request(method: string, url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return requesting(this.#carrier, planOf(this.#settings, method, url, options));
  }

  /**
   * Sends a request and gives the answer as soon as its headers are there. Its body is read as it comes; the time limit of the
   * whole, if there is one, ends with the headers.
   *
   * **When cancelled**: the request is closed on the wire at once.
   *
   * @throws as `request`. Reading the body throws the same.
   */
  stream(method: string, url: string | URL, options?: RequestOptions): Coroutine<StreamingResponse> {
    return streaming(this.#carrier, planOf(this.#settings, method, url, options));
  }

  /**
   * The server-sent events of a URL, in order, each as soon as it is there. Nothing is sent before the first one is asked for.
   *
   * A connection that ends or breaks is followed by another one, which asks for what comes after the last event that was given
   * (`Last-Event-ID`): by a server that keeps that, no event is lost and none comes twice. Between two connections there is the
   * time that the server asks for (`retry:`), 3 s by itself, and more while it cannot be reached. An answer of 204 ends the
   * events. Errors that time does not mend are thrown, and any error of the very first connection; see `reconnect`.
   *
   * No time limit is kept for the whole, and none between two parts unless `timeout.body` is given: with it, a connection that
   * is silent for so long counts as broken.
   *
   * **When cancelled**: the connection is closed at once, and the iteration is over. Leaving the loop does the same.
   *
   * @throws {TypeError} {RangeError} at the call: for what cannot be sent.
   * @throws {HttpProtocolError} when the answer is not `text/event-stream`.
   * @throws {EventTooLargeError} when an event is longer than `maxEventSize`.
   * @throws {HttpError} as `stream`.
   * @example
   * ```ts
   * import { createServer } from "node:http";
   * import { HttpClient } from "@tsyncio/http";
   * import { run } from "tsyncio";
   * const server = createServer((request, response) => {
   *   const last = Number(request.headers["last-event-id"] ?? 0);
   *   response.writeHead(last < 4 ? 200 : 204, { "content-type": "text/event-stream" });
   *   response.end(last < 4 ? `retry: 10\nid: ${last + 1}\ndata: a\n\nid: ${last + 2}\ndata: b\n\n` : "");
   * }).listen(0);
   * const { port } = server.address() as { port: number };
   * async function main() {
   *   await using client = new HttpClient();
   *   for await (const { id, data } of client.events(`http://localhost:${port}/`)) console.log(id, data);
   * }
   * await run(main()); // → 1 a, 2 b, 3 a, 4 b
   * server.close();
   * ```
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
   */
  events(url: string | URL, options: EventsOptions = {}): ServerSentEvents {
    const { method = "GET", ...request } = options;
    const { body } = planOf(this.#settings, method, url, request);
    if (body !== null && !body.repeatable && options.reconnect !== undefined && options.reconnect !== false)
      throw new TypeError(
        "Cannot reconnect to events: the body cannot be sent again; pass a function that gives it, or reconnect: false",
      );
    const connect: Connect = (lastEventId, again) => {
      const id = lastEventId === "" ? null : headerOfId(lastEventId);
      const headers = { accept: "text/event-stream", "cache-control": "no-cache", "last-event-id": id };
      const client = this.extend({ headers, timeout: { body: null, total: null }, maxBodySize: null });
      return client.stream(method, url, again ? { ...request, retry: false } : request);
    };
    return new ServerSentEvents(connect, options);
  }

  /** See `request`. */
  get(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("GET", url, options);
  }

  /** See `request`. */
  head(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("HEAD", url, options);
  }

  /** See `request`. */
  options(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("OPTIONS", url, options);
  }

  /** See `request`. */
  delete(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("DELETE", url, options);
  }

  /** See `request`. */
  post(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("POST", url, options);
  }

  /** See `request`. */
  put(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("PUT", url, options);
  }

  /** See `request`. */
  patch(url: string | URL, options?: RequestOptions): Coroutine<HttpResponse> {
    return this.request("PATCH", url, options);
  }

  /**
   * A client with other defaults over the same connections and limits. Closing one closes them all.
   *
   * @throws {TypeError} {RangeError} for options that are none, and for what is shared: what belongs to connections (`tls`, `proxy`,
   *   `transport`, …) and to origins (`limits`, `breaker`, …).
   */
  extend(options: ClientDefaults): HttpClient {
    checkExtension(options);
    const settings = clientSettings(options, this.#settings);
    return new HttpClient({ [EXTENDING]: { carrier: this.#carrier, settings } } as HttpClientOptions);
  }

  /** A snapshot: each origin that was asked, and what there is of connections to it. */
  statistics(): HttpClientStatistics {
    const { transport, origins } = this.#carrier;
    const loop = loopOrNull();
    const all: Record<string, OriginStatistics> = {};
    for (const origin of transport.origins?.() ?? []) {
      const one = transport.statistics?.(origin) ?? null;
      if (one !== null) all[origin] = Object.freeze({ ...one, ...origins.statistics(loop, origin) });
    }
    return Object.freeze(all);
  }

  /**
   * Takes no more requests, waits for those that are in flight, and closes the connections. Doing so again is allowed.
   *
   * **When cancelled**: it waits no longer; the client stays closed for new requests.
   */
  close(): Coroutine<void> {
    return closing(this.#carrier.transport);
  }

  /** Closes everything at once. What is in flight fails. */
  abort(): void {
    this.#carrier.transport.abort?.();
  }

  [Symbol.asyncDispose](): Coroutine<void> {
    return this.close();
  }
}

const closing = coroutine(function* close(transport: HttpTransport): Generator<any, void, any> {
  yield transport.close();
});

const requesting = coroutine(function* request(carrier: Carrier, plan: Plan): Generator<any, HttpResponse, any> {
  return (yield* new Call(carrier, plan, true).run()) as HttpResponse;
});

const streaming = coroutine(function* stream(carrier: Carrier, plan: Plan): Generator<any, StreamingResponse, any> {
  return (yield* new Call(carrier, plan, false).run()) as StreamingResponse;
});

function loopOrNull(): EventLoop | null {
  try {
    return getRunningLoop();
  } catch {
    return null;
  }
}
