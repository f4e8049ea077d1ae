import type { Duration } from "tsyncio";
import type { HeaderValues } from "../message/headers.ts";

/** Parameters of a URL: arrays make several, null and undefined none. */
export type QueryValues =
  | Readonly<Record<string, QueryValue | readonly QueryValue[]>>
  | Iterable<readonly [name: string, value: string]>
  | string;

/** The value of a parameter. */
export type QueryValue = string | number | bigint | boolean | null | undefined;

/** How long each part of a request may take; null: without limit. */
export interface TimeoutOptions {
  /** To connect, with TLS and proxy. Default: 10 s. */
  readonly connect?: Duration | null;
  /** From the time that the request has a connection until the headers of the answer are there. Default: 5 min. */
  readonly headers?: Duration | null;
  /** Between two parts of the body. Default: 5 min. */
  readonly body?: Duration | null;
  /** All of it: with waiting for limits, retries and redirects. Default: none. */
  readonly total?: Duration | null;
}

/** Any of them stands for the body. What comes from a function can be sent again: when a request is repeated, or redirected. */
export type BodySource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** Options of one request, which go before those of the client. */
export interface RequestOptions {
  /** Added to what the URL has. */
  readonly query?: QueryValues;
  readonly headers?: HeaderValues;
  /** A body of JSON. One of `json`, `form`, `multipart` and `body` can be given. */
  readonly json?: unknown;
  /** A body as a form of HTML sends it: `application/x-www-form-urlencoded`. */
  readonly form?: QueryValues;
  /** A body as it is, text as UTF-8. */
  readonly body?: string | Uint8Array | BodySource | (() => BodySource);
  /** A duration alone is that of the whole. */
  readonly timeout?: Duration | null | TimeoutOptions;
  /** What to do with a redirect: follow it, give it as the answer, or throw `HttpRedirectError`. Default: `"follow"`. */
  readonly redirect?: "follow" | "manual" | "error";
  /** How many redirects are followed. Default: 20. */
  readonly maxRedirects?: number;
  /** How many bytes the body of the answer may have, decoded. Default: any number. */
  readonly maxBodySize?: number | null;
  /** Whether encoded bodies (gzip, deflate, br, zstd where Node has it) are asked for and decoded. Default: true. */
  readonly decompress?: boolean;
  /** Which answers are given; others are thrown as `HttpStatusError`. Default: a status below 400. */
  readonly acceptStatus?: "any" | ((status: number) => boolean);
}
