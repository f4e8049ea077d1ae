import { type Duration, milliseconds } from "tsyncio";
import { CookieJar } from "../cookies/cookie-jar.ts";
import { type Cost, checkCost } from "../limit/cost.ts";
import { type RetryOptions, RetryPolicy } from "../retry/retry-policy.ts";
import { ACCEPTED_ENCODINGS } from "../message/decoding.ts";
import { type HeaderLine, type HeaderValues, mergeHeaders } from "../message/headers.ts";
import type { WireTimeouts } from "../wire/transport.ts";
import { authorization } from "./authorization.ts";
import type { CommonOptions, HttpClientOptions, TimeoutOptions } from "./options.ts";

/** Options, checked and with their defaults. */
export interface Settings {
  readonly headers: readonly HeaderLine[];
  readonly timeouts: WireTimeouts;
  readonly total: number | null;
  readonly redirect: "follow" | "manual" | "error";
  readonly maxRedirects: number;
  readonly maxBodySize: number | null;
  readonly decompress: boolean;
  readonly accepts: (status: number) => boolean;
  readonly retry: RetryOptions | null;
  readonly cost: Cost;
  readonly cookies: CookieJar | null;
}

/** What the URLs of a client are relative to, and what its requests have in common. */
export interface ClientSettings extends Settings {
  readonly baseUrl: URL | null;
}

const DEFAULTS: ClientSettings = {
  headers: [
    ["accept", "*/*"],
    ["accept-encoding", ACCEPTED_ENCODINGS],
    ["user-agent", "tsyncio-http/0.1.0"],
  ],
  timeouts: { connect: 10_000, headers: 300_000, body: 300_000 },
  total: null,
  redirect: "follow",
  maxRedirects: 20,
  maxBodySize: null,
  decompress: true,
  accepts: (status) => status < 400,
  retry: {},
  cost: {},
  cookies: null,
  baseUrl: null,
};

/** @throws {TypeError} {RangeError} for options that are none. */
export function clientSettings(options: HttpClientOptions, before: ClientSettings = DEFAULTS): ClientSettings {
  const own: HeaderValues = {
    ...(options.userAgent === undefined ? undefined : { "user-agent": options.userAgent }),
    ...(options.auth === undefined ? undefined : { authorization: authorization(options.auth) }),
  };
  const settings = settingsOf({ ...before, headers: mergeHeaders(before.headers, own) }, options);
  return {
    ...settings,
    baseUrl: options.baseUrl === undefined ? before.baseUrl : baseUrl(options.baseUrl),
    cookies: options.cookies === undefined ? before.cookies : cookieJar(options.cookies),
  };
}

function cookieJar(cookies: unknown): CookieJar | null {
  if (cookies instanceof CookieJar) return cookies;
  if (typeof cookies === "boolean") return cookies ? new CookieJar() : null;
  throw new TypeError(
    `Cannot create HttpClient: cookies must be true, false or a CookieJar, received ${String(cookies)}`,
  );
}

/** `options` over `before`. @throws {TypeError} {RangeError} for options that are none. */
export function settingsOf(before: Settings, options: CommonOptions): Settings {
  const { redirect = before.redirect, maxRedirects = before.maxRedirects, acceptStatus } = options;
  const maxBodySize = options.maxBodySize === undefined ? before.maxBodySize : options.maxBodySize;
  const decompress = options.decompress ?? before.decompress;
  if (redirect !== "follow" && redirect !== "manual" && redirect !== "error")
    throw new TypeError(
      `Cannot send a request: redirect must be "follow", "manual" or "error", received ${String(redirect)}`,
    );
  checkCount("maxRedirects", maxRedirects);
  if (maxBodySize !== null && maxBodySize !== Infinity) checkCount("maxBodySize", maxBodySize);
  return {
    ...timeoutsOf(before, options.timeout),
    headers: headersOf(before, options.headers, decompress),
    redirect,
    maxRedirects,
    maxBodySize: maxBodySize === Infinity ? null : maxBodySize,
    decompress,
    accepts: acceptStatus === undefined ? before.accepts : accepting(acceptStatus),
    retry: retryOf(before, options.retry),
    cost: costOf(before, options.cost),
    cookies: before.cookies,
  };
}

function headersOf(before: Settings, values: HeaderValues | undefined, decompress: boolean): readonly HeaderLine[] {
  let { headers } = before;
  if (decompress !== before.decompress)
    headers = mergeHeaders(headers, { "accept-encoding": decompress ? ACCEPTED_ENCODINGS : null });
  return values === undefined ? headers : mergeHeaders(headers, values);
}

function retryOf(before: Settings, retry: RetryOptions | false | undefined): RetryOptions | null {
  if (retry === undefined) return before.retry;
  if (retry === false) return null;
  const options = { ...before.retry, ...retry };
  // For its checks.
  void new RetryPolicy(options);
  return options;
}

function costOf(before: Settings, cost: Cost | undefined): Cost {
  if (cost === undefined) return before.cost;
  checkCost(cost, "send a request");
  return { ...before.cost, ...cost };
}

const ANY = (): boolean => true;

function accepting(accept: unknown): (status: number) => boolean {
  if (accept === "any") return ANY;
  if (typeof accept === "function") return accept as (status: number) => boolean;
  throw new TypeError(`Cannot send a request: acceptStatus must be "any" or a function, received ${String(accept)}`);
}

function timeoutsOf(before: Settings, timeout: CommonOptions["timeout"]): Pick<Settings, "timeouts" | "total"> {
  if (timeout === undefined) return { timeouts: before.timeouts, total: before.total };
  if (timeout === null) return { timeouts: { connect: null, headers: null, body: null }, total: null };
  if (typeof timeout !== "object") return { timeouts: before.timeouts, total: limitOf(timeout, null) };
  const { connect, headers, body, total }: TimeoutOptions = timeout;
  return {
    timeouts: {
      connect: limitOf(connect, before.timeouts.connect),
      headers: limitOf(headers, before.timeouts.headers),
      body: limitOf(body, before.timeouts.body),
    },
    total: limitOf(total, before.total),
  };
}

function limitOf(limit: Duration | null | undefined, before: number | null): number | null {
  if (limit === undefined) return before;
  if (limit === null) return null;
  const ms = milliseconds(limit);
  if (ms < 0) throw new RangeError(`Cannot send a request: a time limit must be >= 0, received ${String(limit)}`);
  return ms === Infinity ? null : ms;
}

function checkCount(name: string, count: unknown): void {
  if (!Number.isSafeInteger(count) || (count as number) < 0)
    throw new RangeError(`Cannot send a request: ${name} must be an integer >= 0, received ${String(count)}`);
}

function baseUrl(url: string | URL): URL {
  if (!URL.canParse(String(url)))
    throw new TypeError(
      `Cannot create HttpClient: baseUrl must be a URL such as "https://api.example/v1/", received ${String(url)}`,
    );
  return new URL(url);
}
