import { type HttpClient, type HttpHeaders, HttpDecodeError, parseEvents } from "@tsyncio/http";
import { type Coroutine, coroutine } from "tsyncio";
import type { BatchPreset } from "../presets/batch-preset.ts";
import { type BatchRequest, methodOf } from "../request/batch-request.ts";

/** A good answer. */
export interface Answer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly result: unknown;
}

/**
 * Sends one request once, and reads its answer.
 *
 * **When cancelled**: the request is closed on the wire.
 *
 * @throws {HttpError} and {AnswerError} for what the server and the way to it do.
 * @throws {TypeError} for a request that is none.
 */
export function exchange(client: HttpClient, request: BatchRequest, join: BatchPreset["join"]): Coroutine<Answer> {
  const streamed = join !== undefined && (request.json as { readonly stream?: unknown } | undefined)?.stream === true;
  return streamed ? streaming(client, request, join) : whole(client, request);
}

/** The batch sends again itself: each sending has to pass its limits. */
const ONCE = { retry: false } as const;

const whole = coroutine(function* exchange(client: HttpClient, request: BatchRequest) {
  const { url, method: _, ...options } = request;
  const response = yield* client.request(methodOf(request), url, { ...options, ...ONCE });
  const { status, headers } = response;
  return { status, headers, result: contentOf(response, request) };
});

const streaming = coroutine(function* exchange(
  client: HttpClient,
  request: BatchRequest,
  join: NonNullable<BatchPreset["join"]>,
) {
  const { url, method: _, ...options } = request;
  const response = yield* client.stream(methodOf(request), url, { ...options, ...ONCE });
  try {
    const { status, headers } = response;
    // A server that does not stream answers as a whole.
    const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    const result: unknown = isStream
      ? yield join(parseEvents(response))
      : parsed(yield* response.text(), status, request);
    return { status, headers, result };
  } finally {
    yield* response.close();
  }
});

interface Content {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly bytes: Uint8Array;
  text(): string;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const TEXT_TYPE = /^(?:text\/|application\/(?:xml|javascript|x-www-form-urlencoded|x-ndjson)|[^;]*\+xml\b)|charset=/i;

/** JSON as it is, text as text, and anything else as `{ contentType, base64 }`. */
function contentOf(content: Content, request: BatchRequest): unknown {
  const contentType = content.headers.get("content-type") ?? "";
  if (content.bytes.length === 0) return null;
  if (JSON_TYPE.test(contentType)) return parsed(content.text(), content.status, request);
  if (contentType === "" || TEXT_TYPE.test(contentType)) return content.text();
  return { contentType, base64: Buffer.from(content.bytes).toString("base64") };
}

function parsed(text: string, status: number, request: BatchRequest): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpDecodeError(`the answer is no JSON, ${(cause as Error).message}`, {
      method: methodOf(request),
      url: request.url,
      status,
      body: text,
      retryable: true,
      cause,
    });
  }
}
