import type { Duration } from "tsyncio";
import type { CircuitBreakerOptions } from "../breaker/circuit-breaker.ts";
import type { AdaptiveConcurrencyOptions } from "../limit/adaptive-concurrency.ts";
import type { CookieJar } from "../cookies/cookie-jar.ts";
import type { Cost } from "../limit/cost.ts";
import type { RateLimits, RateLimitsOptions } from "../limit/rate-limits.ts";
import type { RetryOptions } from "../retry/retry-policy.ts";
import type { BodyOptions } from "../message/body.ts";
import type { HeaderValues } from "../message/headers.ts";
import type { QueryValues } from "../message/query.ts";
import type { HttpTransport } from "../wire/transport.ts";
import type { UndiciTransportOptions } from "../wire/undici-transport.ts";

/** How long each part of a request may take; null: without limit. */
export interface TimeoutOptions {
  /** To connect, with TLS and proxy. Default: 10 s. */
  readonly connect?: Duration | null;
  /** From the time that the request has a connection until the headers of the answer are there. Default: 5 min. */
  readonly headers?: Duration | null;
  /** Between two parts of the body. Default: 5 min. */
  readonly body?: Duration | null;
  /** All of it, with waiting for limits, retries and redirects; of `stream`: until the headers are there. Default: none. */
  readonly total?: Duration | null;
}

/** What can be set for one request and, as defaults, for a client. */
export interface CommonOptions {
  /** Those of a request go before those of the client, name by name; null leaves a default out. */
  readonly headers?: HeaderValues;
  /** A duration alone is that of the whole; null: no limit for anything. */
  readonly timeout?: Duration | null | TimeoutOptions;
  /** What to do with a redirect: follow it, give it as the answer, or throw `HttpRedirectError`. Default: `"follow"`. */
  readonly redirect?: "follow" | "manual" | "error";
  /** How many redirects are followed. Default: 20. */
  readonly maxRedirects?: number;
  /** How many bytes the body of the answer may have, decoded; null: any number. Default: null. */
  readonly maxBodySize?: number | null;
  /** Whether encoded bodies (gzip, deflate, br, zstd where Node has it) are asked for and decoded. Default: true. */
  readonly decompress?: boolean;
  /** Which answers are given; others are thrown as `HttpStatusError`. Default: a status below 400. */
  readonly acceptStatus?: "any" | ((status: number) => boolean);
  /**
   * When an attempt that fails is followed by another; false: never. Those of a request go before those of the client, name by
   * name. An answer that is accepted is an answer, and not repeated. Default: see `RetryOptions`.
   */
  readonly retry?: RetryOptions | false;
  /** What the request takes of the limits beside one of `requests`: `{ tokens: 700 }`. */
  readonly cost?: Cost;
}

/** What a client keeps to with each origin that it asks. Waiting is on one loop: with several, each has its own. */
export interface PolicyOptions {
  /** How many requests may be under way at once, to all origins together; each counts until its body is read. Default: any number. */
  readonly concurrency?: number;
  /** The same for each origin; with options of `AdaptiveConcurrency` it finds the number itself. Default: any number. */
  readonly concurrencyPerOrigin?: number | AdaptiveConcurrencyOptions;
  /** How much may be sent: for each origin, or `RateLimits` for all of them together. */
  readonly limits?: RateLimits | RateLimitsOptions;
  /** Whether limits are learnt from answers: `RateLimit`, `X-RateLimit-…` and the like, 429 and `Retry-After`. Default: true. */
  readonly learnLimits?: boolean;
  /** Spares an origin that fails: nothing is sent for a while. Default: false. */
  readonly breaker?: CircuitBreakerOptions | false;
}

/** Options of one request, which go before those of the client. */
export interface RequestOptions extends CommonOptions, BodyOptions {
  /** Added to what the URL has. */
  readonly query?: QueryValues;
}

/** Who asks: with a name and a password (Basic), or with a token (Bearer). */
export type Auth = { readonly username: string; readonly password: string } | { readonly bearer: string };

/** What a client does unless a request says otherwise, and what its requests have in common. */
export interface ClientDefaults extends CommonOptions {
  /** What the URLs of requests are relative to. */
  readonly baseUrl?: string | URL;
  /** Goes with every request, but not to another origin that a redirect leads to. */
  readonly auth?: Auth;
  /** Whether cookies are kept and sent: true, in a jar of the client's own; or the jar. Default: false. */
  readonly cookies?: boolean | CookieJar;
  /** What the client says that it is. Default: `tsyncio-http/` and the version. */
  readonly userAgent?: string;
}

/** Options of `HttpClient`. */
export interface HttpClientOptions extends ClientDefaults, PolicyOptions, UndiciTransportOptions {
  /** What carries the requests, in place of sockets: a recorder, a simulation. It is closed with the client. */
  readonly transport?: HttpTransport;
}
