import { type Timeout, TimeoutError, coroutine, getRunningLoop, sleep, timeout } from "tsyncio";
import {
  BodyTooLargeError,
  CircuitOpenError,
  HttpConnectError,
  HttpError,
  HttpProtocolError,
  HttpRedirectError,
  HttpStatusError,
  HttpTimeoutError,
  setAttempt,
} from "../errors.ts";
import { decodeText } from "../message/charset.ts";
import { type DecodingErrors, decodeParts, decodeWhole, encodingsOf } from "../message/decoding.ts";
import type { HeaderLine } from "../message/headers.ts";
import { HttpResponse, type ResponseParts } from "../message/response.ts";
import { shownUrl } from "../message/shown-url.ts";
import { StreamingResponse } from "../message/streaming-response.ts";
import type { HttpTransport, WireBody, WireRequest, WireResponse } from "../wire/transport.ts";
import { RetryPolicy } from "../retry/retry-policy.ts";
import type { Origin, Origins } from "./origin.ts";
import type { Plan } from "./plan.ts";
import { locationOf, redirected } from "./redirect.ts";
import type { Settings } from "./settings.ts";

/** What an encoded body may be larger than it is decoded. */
const OVERHEAD = 65_536;
/** So much of a body that nobody wants is read to keep the connection. */
const WORTH_READING = 65_536;
/** So much of the body of an error is read. */
const ERROR_BODY = 16_384;

const NO_URLS: readonly string[] = Object.freeze([]);

/** What carries requests: what clients share that were made of each other. */
export interface Carrier {
  readonly transport: HttpTransport;
  readonly origins: Origins;
}

/** A request on its way: its attempts, and the redirects of each. */
export class Call {
  readonly #carrier: Carrier;
  readonly #whole: boolean;
  readonly #loop = getRunningLoop();
  readonly #begun: number = this.#loop.time();
  readonly #asked: Plan;
  /** What is sent: after a redirect that is another. */
  #plan: Plan;
  #redirects: string[] | null = null;
  #attempt = 1;

  constructor(carrier: Carrier, plan: Plan, whole: boolean) {
    this.#carrier = carrier;
    this.#asked = plan;
    this.#plan = plan;
    this.#whole = whole;
  }

  /** The answer, when it is accepted. */
  *run(): Generator<any, HttpResponse | StreamingResponse, any> {
    try {
      const { total } = this.#plan.settings;
      if (total === null) return yield* this.#attempts();
      return yield* this.#within(total);
    } catch (error) {
      if (error instanceof HttpError) setAttempt(error, this.#attempt);
      throw error;
    }
  }

  *#within(total: number): Generator<any, HttpResponse | StreamingResponse, any> {
    let limit: Timeout | null = null;
    const body = coroutine(function* request(this: Call, own: Timeout) {
      limit = own;
      return yield* this.#attempts();
    }).bind(this);
    try {
      return yield* timeout(total, body);
    } catch (error) {
      if (!(error instanceof TimeoutError) || !(limit as Timeout | null)?.expired()) throw error;
      const { method, url } = this.#asked;
      throw new HttpTimeoutError(`no answer within ${total} ms in all`, { method, url, phase: "total", cause: error });
    }
  }

  *#attempts(): Generator<any, HttpResponse | StreamingResponse, any> {
    for (;;) {
      try {
        return yield* this.#follow();
      } catch (error) {
        const delay = this.#delayAfter(error);
        if (delay === null) throw error;
        yield* sleep(delay);
      }
      this.#attempt++;
      this.#plan = this.#asked;
      this.#redirects = null;
    }
  }

  /** How long to wait before another attempt; null: there is none. */
  #delayAfter(error: unknown): number | null {
    const { retry } = this.#asked.settings;
    if (retry === null || !(error instanceof HttpError)) return null;
    const { body, headers, method } = this.#asked;
    const sent = wasSent(error);
    if (sent && body?.repeatable === false) return null;
    const policy = new RetryPolicy({ ...retry, budget: this.#origin().budgetOf(retry) });
    return policy.delayAfter({
      method,
      attempt: this.#attempt,
      error,
      status: error instanceof HttpStatusError ? error.status : null,
      headers: error instanceof HttpStatusError ? error.headers : null,
      sent,
      retryable: error.retryable,
      idempotent: headers.some(([name]) => name === "idempotency-key"),
    });
  }

  #origin(): Origin {
    return this.#carrier.origins.of(this.#loop, this.#plan.url.origin);
  }

  *#follow(): Generator<any, HttpResponse | StreamingResponse, any> {
    for (;;) {
      const origin = this.#origin();
      const { transport } = this.#carrier;
      const answer = yield* origin.exchange(transport, this.#wireRequest(), this.#plan.settings.cost);
      this.#takeCookies(answer);
      const location = locationOf(answer.status, answer.headers);
      if (location === null || this.#plan.settings.redirect === "manual") {
        const response = yield* this.#accept(answer);
        origin.succeeded();
        return response;
      }
      if (!(answer.body instanceof Uint8Array)) yield* discard(answer.body);
      this.#redirect(answer.status, location);
    }
  }

  #redirect(status: number, location: string): void {
    const plan = this.#plan;
    const { redirect, maxRedirects } = plan.settings;
    const details = { method: plan.method, url: plan.url, status };
    if (redirect === "error")
      throw new HttpRedirectError(`it redirects to "${shownUrl(location)}", and redirect is "error"`, details);
    const urls = (this.#redirects ??= []);
    if (urls.length >= maxRedirects)
      throw new HttpRedirectError(`it redirects once more after ${maxRedirects} redirects (maxRedirects)`, details);
    urls.push(plan.url.href);
    this.#plan = redirected(plan, status, location);
  }

  #wireRequest(): WireRequest {
    const { method, url, headers, body, settings } = this.#plan;
    const { maxBodySize, decompress, timeouts, cookies } = settings;
    return {
      method,
      url,
      headers: cookies === null ? headers : withCookies(headers, cookies.header(url)),
      body: body === null ? null : (body.bytes ?? (body.parts as () => AsyncIterable<Uint8Array>)()),
      whole: this.#whole,
      timeouts,
      maxBodySize: maxBodySize === null || !decompress ? maxBodySize : maxBodySize + OVERHEAD,
    };
  }

  #takeCookies({ headers }: WireResponse): void {
    const { url, settings } = this.#plan;
    if (settings.cookies === null) return;
    for (const cookie of headers.getAll("set-cookie")) settings.cookies.set(url, cookie);
  }

  *#accept(answer: WireResponse): Generator<any, HttpResponse | StreamingResponse, any> {
    const { settings } = this.#plan;
    const { status, headers, body } = answer;
    const limit = settings.maxBodySize;
    const encodings = settings.decompress ? encodingsOf(headers) : [];
    const errors = this.#decodingErrors(status);
    if (body instanceof Uint8Array) {
      const bytes = encodings.length === 0 ? body : yield* decodeWhole(body, encodings, limit, errors);
      if (limit !== null && bytes.length > limit) throw errors.tooLarge();
      if (!settings.accepts(status)) throw this.#refused(answer, bytes);
      return new HttpResponse(this.#parts(answer), bytes);
    }
    const parts = encodings.length === 0 && limit === null ? body : decodeParts(body, encodings, limit, errors);
    if (!acceptsStream(settings, status, parts)) throw this.#refused(answer, yield* begin(parts, ERROR_BODY));
    return new StreamingResponse(this.#parts(answer), parts);
  }

  #parts({ status, statusText, headers }: WireResponse): ResponseParts {
    return {
      method: this.#plan.method,
      url: this.#plan.url.href,
      status,
      statusText,
      headers,
      redirects: this.#redirects ?? NO_URLS,
      attempts: this.#attempt,
      elapsed: this.#loop.time() - this.#begun,
    };
  }

  #refused({ status, statusText, headers }: WireResponse, bytes: Uint8Array): HttpStatusError {
    const { method, url } = this.#plan;
    const body = decodeText(headers, bytes.subarray(0, ERROR_BODY));
    const shown = statusText === "" ? `status ${status}` : `status ${status} ${statusText}`;
    return new HttpStatusError(shown, { method, url, status, headers, body });
  }

  #decodingErrors(status: number): DecodingErrors {
    const { method, url, settings } = this.#plan;
    const details = { method, url, status, attempt: this.#attempt };
    return {
      tooLarge: () =>
        new BodyTooLargeError(`the body is larger than ${settings.maxBodySize} bytes (maxBodySize)`, details),
      broken: (encoding, cause) =>
        new HttpProtocolError(`the body is not ${encoding}, as it says: ${cause.message}`, { ...details, cause }),
    };
  }
}

/** Whether the server may have seen something of the request. */
function wasSent(error: HttpError): boolean {
  if (error instanceof HttpTimeoutError) return error.phase !== "connect";
  return !(error instanceof HttpConnectError || error instanceof CircuitOpenError);
}

/** Those that the request has of its own go first. */
function withCookies(headers: readonly HeaderLine[], cookies: string | null): readonly HeaderLine[] {
  if (cookies === null) return headers;
  const own = headers.find(([name]) => name === "cookie")?.[1];
  const others = headers.filter(([name]) => name !== "cookie");
  return [...others, ["cookie", own === undefined ? cookies : `${own}; ${cookies}`]];
}

/** What the caller's own function throws leaves no connection behind. */
function acceptsStream({ accepts }: Settings, status: number, body: WireBody): boolean {
  try {
    return accepts(status);
  } catch (error) {
    body.cancel();
    throw error;
  }
}

/** The begin of a body, and no more of it. */
function* begin(body: WireBody, length: number): Generator<any, Uint8Array, any> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const iterator = body[Symbol.asyncIterator]();
  try {
    while (size < length) {
      const step = (yield iterator.next()) as IteratorResult<Uint8Array>;
      if (step.done === true) break;
      parts.push(step.value);
      size += step.value.length;
    }
  } finally {
    body.cancel();
  }
  return Buffer.concat(parts);
}

/** Reads the rest of a body that nobody wants, when it is small: the connection is good for another request then. */
function* discard(body: WireBody): Generator<any, void, any> {
  try {
    yield* begin(body, WORTH_READING);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
}
