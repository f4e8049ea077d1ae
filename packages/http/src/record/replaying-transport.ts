import { type AsyncGenerator, type Coroutine, RuntimeError, asyncGenerator, coroutine, give, sleep } from "tsyncio";
import { BodyTooLargeError, HttpTimeoutError } from "../errors.ts";
import { Chunks } from "../message/chunks.ts";
import { HttpHeaders } from "../message/headers.ts";
import type { HttpTransport, WireBody, WireRequest, WireResponse } from "../wire/transport.ts";
import { NotRecordedError } from "./not-recorded-error.ts";
import {
  type RecordedExchange,
  type RecordedRequest,
  type RecordedResponse,
  bytesOf,
  recordedRequest,
} from "./recorded-exchange.ts";
import { revivedError } from "./recorded-error.ts";
import type { Redaction } from "./redaction.ts";

/** Whether a request is the one that was recorded. */
export type RequestMatch = (request: RecordedRequest, recorded: RecordedRequest) => boolean;

/** Much longer than anybody waits who left, when it was recorded, before anything came. */
const GRACE = 60_000;

/** Answers requests as it was recorded, each exchange once. */
export class ReplayingTransport implements HttpTransport {
  readonly #path: string;
  readonly #left: RecordedExchange[];
  readonly #match: RequestMatch;
  readonly #redaction: Redaction;
  readonly #waits: boolean;

  constructor(
    path: string,
    exchanges: readonly RecordedExchange[],
    redaction: Redaction,
    match: RequestMatch,
    waits: boolean,
  ) {
    this.#path = path;
    this.#left = exchanges.map((exchange) => ({ ...exchange, request: redaction.request(exchange.request) }));
    this.#match = match;
    this.#redaction = redaction;
    this.#waits = waits;
  }

  /** What nobody has asked for. */
  get unused(): readonly RecordedRequest[] {
    return this.#left.map(({ request }) => request);
  }

  exchange(request: WireRequest): Coroutine<WireResponse> {
    return exchanging(this, request);
  }

  close(): Coroutine<void> {
    return nothing();
  }

  abort(): void {}

  statistics(): null {
    return null;
  }

  origins(): readonly string[] {
    return [];
  }

  /** @internal */
  *answer(request: WireRequest): Generator<any, WireResponse, any> {
    const body =
      request.body === null || request.body instanceof Uint8Array ? request.body : yield* gather(request.body);
    const { after, outcome } = this.#take(request, this.#redaction.request(recordedRequest(request, body)));
    const { timeouts, method, url } = request;
    yield* this.#wait(after, timeouts.headers, request, "headers");
    if (outcome === "left") {
      yield* this.#wait(GRACE, null, request, "headers");
      throw new NotRecordedError(`in "${this.#path}" it was given up before anything had come`, { method, url });
    }
    if ("error" in outcome) throw revivedError(outcome.error, method, url);
    const { response } = outcome;
    const { status, statusText } = response;
    const headers = new HttpHeaders(response.headers);
    const replayed = new ReplayedBody(this.#parts(response, request));
    return { status, statusText, headers, body: request.whole ? yield* gather(replayed) : replayed };
  }

  /** The first exchange that matches, which is then no more. */
  #take({ method, url }: WireRequest, request: RecordedRequest): RecordedExchange {
    const found = this.#left.findIndex((exchange) => this.#match(request, exchange.request));
    if (found !== -1) return this.#left.splice(found, 1)[0]!;
    const rest = this.#left.map((exchange) => `${exchange.request.method} ${exchange.request.url}`);
    const similar = this.#left.some((other) => other.request.method === method && other.request.url === request.url);
    const hint = similar ? `; of the same method and URL it has one with another body` : "";
    throw new NotRecordedError(
      `"${this.#path}" does not have it${hint}. What is left of it: ${rest.length === 0 ? "nothing" : rest.slice(0, 10).join(", ")}`,
      { method, url },
    );
  }

  *#parts(response: RecordedResponse, request: WireRequest): Generator<any, void, any> {
    const { parts, endedAfter, end } = response;
    const { method, url, maxBodySize, timeouts } = request;
    const { status } = response;
    let size = 0;
    for (const { after, ...recorded } of parts) {
      yield* this.#wait(after, timeouts.body, request, "body");
      const bytes = bytesOf(recorded);
      size += bytes.length;
      if (maxBodySize !== null && size > maxBodySize)
        throw new BodyTooLargeError(`the body is larger than ${maxBodySize} bytes`, { method, url, status });
      yield* give(bytes);
    }
    yield* this.#wait(endedAfter, timeouts.body, request, "body");
    if (end === "whole") return;
    if (end !== "left") throw revivedError(end, method, url);
    throw new NotRecordedError(`in "${this.#path}" nobody read more than ${size} bytes of the answer`, {
      method,
      url,
      status,
    });
  }

  *#wait(
    ms: number,
    limit: number | null,
    { method, url }: WireRequest,
    phase: "headers" | "body",
  ): Generator<any, void, any> {
    if (!this.#waits) return;
    if (limit === null || ms <= limit) {
      if (ms > 0) yield* sleep(ms);
      return;
    }
    yield* sleep(limit);
    throw new HttpTimeoutError(`the recorded answer took longer than ${limit} ms`, { method, url, phase });
  }
}

const exchanging = coroutine(function* exchange(transport: ReplayingTransport, request: WireRequest) {
  return yield* transport.answer(request);
});

// oxlint-disable-next-line require-yield -- there is nothing to wait for
const nothing = coroutine(function* close(): Generator<any, void, any> {});

function* gather(body: AsyncIterable<Uint8Array>): Generator<any, Uint8Array, any> {
  const chunks = new Chunks(body);
  const parts: Uint8Array[] = [];
  try {
    for (;;) {
      const chunk: Uint8Array | null = yield* chunks.next();
      if (chunk === null) return Buffer.concat(parts);
      parts.push(chunk);
    }
  } finally {
    yield* chunks.close();
  }
}

const playing = asyncGenerator<[Generator<any, void, any>], Uint8Array, void>(function* body(parts) {
  yield* parts;
});

/** As a body that comes from a socket: iterated once, and not when it is closed. */
class ReplayedBody implements WireBody {
  readonly #parts: Generator<any, void, any>;
  #state: "new" | "read" | "closed" = "new";

  constructor(parts: Generator<any, void, any>) {
    this.#parts = parts;
  }

  cancel(): void {
    this.#state = "closed";
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void> {
    if (this.#state === "read") throw new RuntimeError("Cannot read the body: it has been read already");
    if (this.#state === "new") this.#state = "read";
    const parts = playing(this.#parts);
    return {
      next: () => this.#next(parts),
      return: () => parts.return(),
    };
  }

  #next(parts: AsyncGenerator<Uint8Array, void>): Coroutine<IteratorResult<Uint8Array, void>> {
    if (this.#state === "closed") throw new RuntimeError("Cannot read the body: it is closed; read it before that");
    return parts.next();
  }
}
