import { HttpDecodeError } from "../errors.ts";
import { decodeText } from "./charset.ts";
import type { HttpHeaders } from "./headers.ts";

/** What an answer is made of. */
export interface ResponseParts {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: HttpHeaders;
  readonly redirects: readonly string[];
  readonly attempts: number;
  readonly elapsed: number;
}

/** An answer, with all of its body. */
export class HttpResponse {
  /** The method of the request that it answers: after a redirect with 303 that is GET. */
  readonly method: string;
  /** Where it came from: after redirects the last. Without credentials. */
  readonly url: string;
  readonly status: number;
  /** What the server has written beside the status; HTTP/2 has none. */
  readonly statusText: string;
  readonly headers: HttpHeaders;
  /** The body, decoded from what it was compressed with. */
  readonly bytes: Uint8Array;
  /** The URLs that have led here by redirects, the first one first. */
  readonly redirects: readonly string[];
  /** How many attempts it took. */
  readonly attempts: number;
  /** Milliseconds from the call until it was there: waiting, retries and redirects with it. */
  readonly elapsed: number;

  /** @internal */
  constructor(parts: ResponseParts, bytes: Uint8Array) {
    this.method = parts.method;
    this.url = parts.url;
    this.status = parts.status;
    this.statusText = parts.statusText;
    this.headers = parts.headers;
    this.bytes = bytes;
    this.redirects = parts.redirects;
    this.attempts = parts.attempts;
    this.elapsed = parts.elapsed;
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /**
   * The body as text: in the charset that its byte order mark or its `content-type` names, else in UTF-8. Bytes that are no text
   * become U+FFFD.
   */
  text(): string {
    return decodeText(this.headers, this.bytes);
  }

  /**
   * The body, read as JSON. What it is of is not checked.
   *
   * @throws {HttpDecodeError} for what is no JSON.
   */
  json<T = any>(): T {
    return parseJson(this, this.text()) as T;
  }
}

/** @internal */
export function parseJson(
  response: Omit<ResponseParts, "redirects" | "elapsed" | "statusText">,
  text: string,
): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { method, url, status, attempts } = response;
    const type = response.headers.get("content-type") ?? "no content-type";
    throw new HttpDecodeError(`the body is no JSON (${type}): ${(cause as Error).message}`, {
      method,
      url,
      status,
      attempt: attempts,
      body: text,
      cause,
    });
  }
}
