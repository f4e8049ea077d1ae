import { BodyTooLargeError, type HttpClient, type HttpHeaders, type StreamingResponse } from "@tsyncio/http";
import { type Coroutine, coroutine } from "tsyncio";
import type { HttpCache } from "./http-cache.ts";

/** An answer to the crawler. */
export interface Fetched {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Null when it was not read: see `unread`. */
  readonly bytes: Uint8Array | null;
  /** Why the body was not read: its media type is not wanted, it is too large, or the status needs none. */
  readonly unread: "type" | "size" | "status" | null;
  /** Whether it comes out of the cache, unchanged or still fresh. */
  readonly fromCache: boolean;
}

/** What a fetcher needs to know. */
export interface FetcherOptions {
  readonly client: HttpClient;
  readonly cache: HttpCache | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPageSize: number;
  /** Whether a body of this media type is wanted. */
  readonly wants: (mediaType: string) => boolean;
}

/** A body that is not wanted is read all the same when it is that small: it costs less than a new connection. */
const CHEAP = 64 * 1024;
const NO_BODY = new Uint8Array(0);

/** The media type of a Content-Type: `"text/html"`, in lower case; empty when there is none. */
export function mediaType(contentType: string | null): string {
  return contentType === null ? "" : contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** Gets pages: out of the cache, asking whether they have changed, or anew. It reads what is wanted, and no more. */
export class PageFetcher {
  readonly #options: FetcherOptions;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /**
   * **When cancelled**: the request is closed on the wire.
   *
   * @throws {HttpError} when there is no answer. Any status is an answer.
   */
  fetch(url: string): Coroutine<Fetched> {
    return fetching(this.#options, url);
  }
}

const fetching = coroutine(function* fetch(options: FetcherOptions, url: string): Generator<any, Fetched, any> {
  const { client, cache } = options;
  const known = cache?.look(url, { ...options.headers }) ?? null;
  if (known?.fresh) return { ...known.fresh, unread: null, fromCache: true };
  const headers = { ...options.headers, ...known?.conditions };
  const response = yield* client.stream("GET", url, {
    headers,
    redirect: "manual",
    acceptStatus: "any",
    retry: false,
    maxBodySize: options.maxPageSize,
  });
  try {
    const fetched = yield* read(options, response);
    if (cache === null) return fetched;
    if (fetched.status === 304) {
      const kept = cache.revalidated(url, { ...options.headers }, fetched.headers);
      return kept === null ? fetched : { ...kept, unread: null, fromCache: true };
    }
    if (fetched.bytes !== null && fetched.status === 200)
      cache.store(url, { ...options.headers }, { ...fetched, bytes: fetched.bytes });
    return fetched;
  } finally {
    yield* response.close();
  }
});

function* read(options: FetcherOptions, response: StreamingResponse): Generator<any, Fetched, any> {
  const { status, headers } = response;
  const answer = { status, headers, bytes: null, fromCache: false };
  const unread = !response.ok ? "status" : options.wants(mediaType(headers.get("content-type"))) ? null : "type";
  try {
    if (unread === null) return { ...answer, bytes: yield* response.bytes(), unread };
    if (Number(headers.get("content-length") ?? 0) <= CHEAP) yield* drain(response);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return { ...answer, unread: unread ?? "size" };
  }
  return { ...answer, unread, bytes: unread === "status" ? NO_BODY : null };
}

/** Reads a small body to its end, so that the connection can be used again. */
function* drain(response: StreamingResponse): Generator<any, void, any> {
  const parts = response[Symbol.asyncIterator]();
  for (let size = 0; size <= CHEAP;) {
    const step: IteratorResult<Uint8Array, undefined> = yield parts.next();
    if (step.done === true) return;
    size += step.value.length;
  }
}
