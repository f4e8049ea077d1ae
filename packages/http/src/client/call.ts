import { TimeoutError, type Timeout, coroutine, getRunningLoop, timeout } from "tsyncio";
import {
  BodyTooLargeError,
  HttpError,
  HttpProtocolError,
  HttpRedirectError,
  HttpStatusError,
  HttpTimeoutError,
  setAttempt,
} from "../errors.ts";
import { decodeText } from "../message/charset.ts";
import { type DecodingErrors, decodeParts, decodeWhole, encodingsOf } from "../message/decoding.ts";
import { HttpResponse, type ResponseParts } from "../message/response.ts";
import { shownUrl } from "../message/shown-url.ts";
import { StreamingResponse } from "../message/streaming-response.ts";
import type { HttpTransport, WireBody, WireRequest, WireResponse } from "../wire/transport.ts";
import type { Plan } from "./plan.ts";
import { locationOf, redirected } from "./redirect.ts";

/** What an encoded body may be larger than it is decoded. */
const OVERHEAD = 65_536;
/** So much of a body that nobody wants is read to keep the connection. */
const WORTH_READING = 65_536;
/** So much of the body of an error is read. */
const ERROR_BODY = 16_384;

const NO_URLS: readonly string[] = Object.freeze([]);

/** A request on its way: its attempts, and the redirects of each. */
export class Call {
  readonly #transport: HttpTransport;
  readonly #whole: boolean;
  readonly #loop = getRunningLoop();
  readonly #begun: number = this.#loop.time();
  #plan: Plan;
  #redirects: string[] | null = null;
  #attempt = 1;

  constructor(transport: HttpTransport, plan: Plan, whole: boolean) {
    this.#transport = transport;
    this.#plan = plan;
    this.#whole = whole;
  }

  /** The answer, when it is accepted. */
  *run(): Generator<any, HttpResponse | StreamingResponse, any> {
    try {
      const { total } = this.#plan.settings;
      if (total === null) return yield* this.#follow();
      return yield* this.#within(total);
    } catch (error) {
      if (error instanceof HttpError) setAttempt(error, this.#attempt);
      throw error;
    }
  }

  *#within(total: number): Generator<any, HttpResponse | StreamingResponse, any> {
    const asked = this.#plan;
    let limit: Timeout | null = null;
    const body = coroutine(function* request(this: Call, own: Timeout) {
      limit = own;
      return yield* this.#follow();
    }).bind(this);
    try {
      return yield* timeout(total, body);
    } catch (error) {
      if (!(error instanceof TimeoutError) || !(limit as Timeout | null)?.expired()) throw error;
      const { method, url } = asked;
      throw new HttpTimeoutError(`no answer within ${total} ms in all`, { method, url, phase: "total", cause: error });
    }
  }

  *#follow(): Generator<any, HttpResponse | StreamingResponse, any> {
    for (;;) {
      const answer: WireResponse = yield* this.#transport.exchange(this.#wireRequest());
      const location = locationOf(answer.status, answer.headers);
      if (location === null || this.#plan.settings.redirect === "manual") return yield* this.#accept(answer);
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
    urls.push(shownUrl(plan.url));
    this.#plan = redirected(plan, status, location);
  }

  #wireRequest(): WireRequest {
    const { method, url, headers, body, settings } = this.#plan;
    const { maxBodySize, decompress, timeouts } = settings;
    return {
      method,
      url,
      headers,
      body: body === null ? null : (body.bytes ?? (body.parts as () => AsyncIterable<Uint8Array>)()),
      whole: this.#whole,
      timeouts,
      maxBodySize: maxBodySize === null || !decompress ? maxBodySize : maxBodySize + OVERHEAD,
    };
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
    if (!settings.accepts(status)) throw this.#refused(answer, yield* begin(parts, ERROR_BODY));
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
