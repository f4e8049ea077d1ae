import { TsyncioError } from "tsyncio";
import type { HttpHeaders } from "./message/headers.ts";
import { shownUrl } from "./message/shown-url.ts";

/** What an `HttpError` knows about the request. */
export interface HttpErrorDetails {
  readonly method: string;
  /** As it was asked for; credentials in it are left out of the error. */
  readonly url: URL | string;
  /** Which attempt it was, from 1. Default: 1. */
  readonly attempt?: number;
  /** The status of the answer, if one came. */
  readonly status?: number | null;
  /** The body of the answer, or what had come of it. */
  readonly body?: string | null;
  /** Whether another attempt may go better. Each class has its own default. */
  readonly retryable?: boolean;
  /** What it is made of: Node's error, or that of the library below. */
  readonly cause?: unknown;
}

/** So much of a body is kept in an error. */
const KEPT_OF_BODY = 2_000;
/** Statuses of what may pass. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

function setName(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
}

/**
 * A request that has failed: the family of all errors of this package, but for wrong arguments (`TypeError`, `RangeError`) and
 * for what the caller's own code throws (an iterable that is sent).
 *
 * | class | `code` | |
 * |---|---|---|
 * | `HttpConnectError` | `TSYNCIO_HTTP_CONNECT` | no connection: the server has seen nothing of the request |
 * | `HttpConnectionError` | `TSYNCIO_HTTP_CONNECTION` | the connection broke: reset, closed in the middle, a body that is too short |
 * | `HttpTimeoutError` | `TSYNCIO_HTTP_TIMEOUT` | one of the time limits |
 * | `HttpProtocolError` | `TSYNCIO_HTTP_PROTOCOL` | the answer is not HTTP, or is coded wrongly |
 * | `HttpStatusError` | `TSYNCIO_HTTP_STATUS` | an answer whose status is not accepted |
 * | `HttpRedirectError` | `TSYNCIO_HTTP_REDIRECT` | too many redirects, one that cannot be followed, or one that is not allowed |
 * | `HttpDecodeError` | `TSYNCIO_HTTP_DECODE` | `json()` of what is none |
 * | `BodyTooLargeError` | `TSYNCIO_HTTP_BODY_TOO_LARGE` | more than `maxBodySize` |
 * | `CircuitOpenError` | `TSYNCIO_HTTP_CIRCUIT_OPEN` | the circuit breaker of the origin is open: nothing was sent |
 */
export class HttpError extends TsyncioError {
  override readonly code: string = "TSYNCIO_HTTP";
  /** `"GET"`. */
  readonly method: string;
  /** Where the request went, without credentials. */
  readonly url: string;
  /** Which attempt failed, from 1: all before it failed too. */
  readonly attempt: number;
  /** The status of the answer; null when there was none. */
  readonly status: number | null;
  /** The first 2,000 characters of the answer's body; null when there was none. */
  readonly body: string | null;
  /** Whether the same request, sent again, may go better. */
  readonly retryable: boolean;
  static {
    setName(this, "HttpError");
  }

  /** @param reason what follows `Cannot GET https://…: `. */
  constructor(reason: string, details: HttpErrorDetails) {
    const url = shownUrl(details.url);
    super(`Cannot ${details.method} ${url}: ${reason}`, "cause" in details ? { cause: details.cause } : undefined);
    this.method = details.method;
    this.url = url;
    this.attempt = details.attempt ?? 1;
    this.status = details.status ?? null;
    this.body = details.body?.slice(0, KEPT_OF_BODY) ?? null;
    this.retryable = details.retryable ?? false;
  }
}

/** No connection could be made: refused, no such host, a certificate that is not trusted, a proxy that declines. Nothing was sent. */
export class HttpConnectError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_CONNECT";
  static {
    setName(this, "HttpConnectError");
  }

  constructor(reason: string, details: HttpErrorDetails) {
    super(reason, { retryable: true, ...details });
  }
}

/** The connection broke while the request was sent or answered: reset, closed in the middle, a body shorter than announced. */
export class HttpConnectionError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_CONNECTION";
  static {
    setName(this, "HttpConnectionError");
  }

  constructor(reason: string, details: HttpErrorDetails) {
    super(reason, { retryable: true, ...details });
  }
}

/** What took too long: to connect, until the headers came, between two parts of the body, or everything together. */
export type TimeoutPhase = "connect" | "headers" | "body" | "total";

/** One of the time limits of the request has passed. It is closed on the wire. */
export class HttpTimeoutError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_TIMEOUT";
  readonly phase: TimeoutPhase;
  static {
    setName(this, "HttpTimeoutError");
  }

  constructor(reason: string, details: HttpErrorDetails & { readonly phase: TimeoutPhase }) {
    // Nobody has time left for another attempt when all of it is over.
    super(reason, { retryable: details.phase !== "total", ...details });
    this.phase = details.phase;
  }
}

/** What came is not HTTP, or not what its headers say: a bad header, a bad chunk, gzip that is none. */
export class HttpProtocolError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_PROTOCOL";
  static {
    setName(this, "HttpProtocolError");
  }
}

/** An answer came whose status is not accepted: 400 and above, unless told otherwise. */
export class HttpStatusError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_STATUS";
  declare readonly status: number;
  /** The headers of the answer. */
  readonly headers: HttpHeaders;
  static {
    setName(this, "HttpStatusError");
  }

  constructor(reason: string, details: HttpErrorDetails & { readonly status: number; readonly headers: HttpHeaders }) {
    super(reason, { retryable: TEMPORARY.has(details.status), ...details });
    this.headers = details.headers;
  }
}

/** Too many redirects, one to what is not HTTP, one whose body cannot be sent again, or one at all where none is allowed. */
export class HttpRedirectError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_REDIRECT";
  static {
    setName(this, "HttpRedirectError");
  }
}

/** The body is larger than `maxBodySize`, decoded. The rest was not read. */
export class BodyTooLargeError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_BODY_TOO_LARGE";
  static {
    setName(this, "BodyTooLargeError");
  }
}

/** The body is not what it was asked for as: `json()` of a page of HTML. */
export class HttpDecodeError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_DECODE";
  static {
    setName(this, "HttpDecodeError");
  }
}

/** The circuit breaker of the origin is open: it has failed too often of late, and nothing was sent. */
export class CircuitOpenError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_CIRCUIT_OPEN";
  /** Milliseconds until the breaker lets a request through to see whether it is better. */
  readonly retryAfter: number;
  static {
    setName(this, "CircuitOpenError");
  }

  constructor(reason: string, details: HttpErrorDetails & { readonly retryAfter: number }) {
    super(reason, details);
    this.retryAfter = details.retryAfter;
  }
}

/** @internal The attempt is known to the client only, the error is made below it. */
export function setAttempt(error: HttpError, attempt: number): void {
  (error as { attempt: number }).attempt = attempt;
}
