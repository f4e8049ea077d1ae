import { CancelledError, type Coroutine, asyncGenerator, coroutine, getRunningLoop, give } from "tsyncio";
import { Chunks } from "../message/chunks.ts";
import type { HttpTransport, WireBody, WireRequest, WireResponse, WireStatistics } from "../wire/transport.ts";
import {
  type RecordedEnd,
  type RecordedPart,
  type RecordedRequest,
  recordedBytes,
  recordedRequest,
} from "./recorded-exchange.ts";
import { recordedError } from "./recorded-error.ts";
import type { RecordingFile } from "./recording-file.ts";
import type { Redaction } from "./redaction.ts";

/** Carries requests by another transport, and writes down what comes of them. */
export class RecordingTransport implements HttpTransport {
  readonly #file: RecordingFile;
  readonly #transport: HttpTransport;
  readonly #redaction: Redaction | null;
  /** Bodies that are still read. */
  readonly #open = new Set<Tape>();

  constructor(file: RecordingFile, transport: HttpTransport, redaction: Redaction | null) {
    this.#file = file;
    this.#transport = transport;
    this.#redaction = redaction;
  }

  exchange(request: WireRequest): Coroutine<WireResponse> {
    return recording(this.#transport, request, new Tape(this.#file, this.#redaction, this.#open, request));
  }

  close(): Coroutine<void> {
    return closing(this.#transport, () => this.#finish());
  }

  abort(): void {
    this.#transport.abort?.();
    this.#finish();
  }

  statistics(origin: string): WireStatistics | null {
    return this.#transport.statistics?.(origin) ?? null;
  }

  origins(): readonly string[] {
    return this.#transport.origins?.() ?? [];
  }

  #finish(): void {
    for (const tape of this.#open) tape.end("left");
    this.#file.close();
  }
}

const closing = coroutine(function* close(transport: HttpTransport, finish: () => void): Generator<any, void, any> {
  try {
    yield transport.close();
  } finally {
    finish();
  }
});

const recording = coroutine(function* exchange(
  transport: HttpTransport,
  request: WireRequest,
  tape: Tape,
): Generator<any, WireResponse, any> {
  let response: WireResponse;
  try {
    response = (yield transport.exchange(tape.sent)) as WireResponse;
  } catch (error) {
    tape.failed(error);
    throw error;
  }
  tape.begins(response);
  if (!request.whole) return { ...response, body: new RecordedBody(response.body as WireBody, tape) };
  tape.part(response.body as Uint8Array);
  tape.end("whole");
  return response;
});

/** One exchange, from its beginning to the line that is written of it. */
class Tape {
  /** The request as it is sent: what its body gives is written down, and the answer is to come as it is. */
  readonly sent: WireRequest;
  readonly #file: RecordingFile;
  readonly #redaction: Redaction | null;
  readonly #open: Set<Tape>;
  readonly #number: number;
  readonly #upload: Uint8Array[] = [];
  readonly #loop = getRunningLoop();
  #at: number;
  #after = 0;
  #response: WireResponse | null = null;
  readonly #parts: RecordedPart[] = [];

  constructor(file: RecordingFile, redaction: Redaction | null, open: Set<Tape>, request: WireRequest) {
    this.#file = file;
    this.#redaction = redaction;
    this.#open = open;
    this.#number = file.next();
    this.#at = this.#loop.time();
    const { body } = request;
    if (body instanceof Uint8Array) this.#upload.push(body);
    this.sent = {
      ...request,
      headers: request.headers.map(([name, value]) => [name, name === "accept-encoding" ? "identity" : value]),
      body: body === null || body instanceof Uint8Array ? body : copying(body, this.#upload),
    };
  }

  begins(response: WireResponse): void {
    this.#response = response;
    this.#after = this.#sinceLast();
    this.#open.add(this);
  }

  part(bytes: Uint8Array): void {
    this.#parts.push({ after: this.#sinceLast(), ...recordedBytes(bytes) });
  }

  /** There is no answer. */
  failed(error: unknown): void {
    const outcome = error instanceof CancelledError ? ("left" as const) : { error: recordedError(error) };
    this.#file.add({ number: this.#number, request: this.#request(), after: this.#sinceLast(), outcome });
  }

  /** The body is over. The first end counts. */
  end(end: RecordedEnd): void {
    if (!this.#open.delete(this)) return;
    const { status, statusText, headers } = this.#response!;
    const type = headers.get("content-type");
    const response = {
      status,
      statusText,
      headers: this.#redaction?.headers(headers.entries()) ?? headers.entries(),
      parts: this.#redaction?.parts(this.#parts, type) ?? this.#parts,
      endedAfter: this.#sinceLast(),
      end,
    };
    const request = this.#request();
    this.#file.add({ number: this.#number, request, after: this.#after, outcome: { response } });
  }

  #sinceLast(): number {
    const now = this.#loop.time();
    const ms = Math.round(now - this.#at);
    this.#at = now;
    return ms;
  }

  #request(): RecordedRequest {
    const request = recordedRequest(this.sent, this.sent.body === null ? null : Buffer.concat(this.#upload));
    return this.#redaction?.request(request) ?? request;
  }
}

const copying = asyncGenerator<[AsyncIterable<Uint8Array>, Uint8Array[]], Uint8Array, void>(
  function* upload(body, copy) {
    const chunks = new Chunks(body);
    try {
      for (;;) {
        const chunk: Uint8Array | null = yield* chunks.next();
        if (chunk === null) return;
        copy.push(chunk);
        yield* give(chunk);
      }
    } finally {
      yield* chunks.close();
    }
  },
);

/** A body whose parts are written down as they are read. */
class RecordedBody implements WireBody {
  readonly #body: WireBody;
  readonly #tape: Tape;

  constructor(body: WireBody, tape: Tape) {
    this.#body = body;
    this.#tape = tape;
  }

  cancel(): void {
    this.#tape.end("left");
    this.#body.cancel();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void> {
    return taping(this.#body, this.#tape);
  }
}

const taping = asyncGenerator<[WireBody, Tape], Uint8Array, void>(function* body(source, tape) {
  const chunks = new Chunks(source);
  try {
    for (;;) {
      const chunk: Uint8Array | null = yield* chunks.next();
      if (chunk === null) return tape.end("whole");
      tape.part(chunk);
      yield* give(chunk);
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) tape.end(recordedError(error));
    throw error;
  } finally {
    tape.end("left");
    yield* chunks.close();
  }
});
