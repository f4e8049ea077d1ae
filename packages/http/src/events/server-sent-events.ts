import {
  type AsyncGenerator,
  type Coroutine,
  CancelledError,
  RuntimeError,
  asyncGenerator,
  give,
  moveOnAfter,
  sleep,
} from "tsyncio";
import type { RequestOptions } from "../client/options.ts";
import { HttpError, HttpProtocolError } from "../errors.ts";
import type { StreamingResponse } from "../message/streaming-response.ts";
import { decodeText } from "../message/charset.ts";
import { Chunks } from "../message/chunks.ts";
import { EventDecoder } from "./event-decoder.ts";
import { type ParseEventsOptions, checkedMaxEventSize } from "./parse-events.ts";
import { type ReconnectOptions, Reconnection } from "./reconnection.ts";
import type { ServerSentEvent } from "./server-sent-event.ts";

/** Options of `HttpClient.events`. */
export interface EventsOptions extends RequestOptions, ParseEventsOptions {
  /** Default: `"GET"`. */
  readonly method?: string;
  /** The id of the last event that is known, from another time: the server is asked for those after it. */
  readonly lastEventId?: string;
  /**
   * Whether a connection that ends or breaks is followed by another one, and when; false: the events of one answer. Default:
   * yes for GET, no for other methods, which might do something twice.
   */
  readonly reconnect?: ReconnectOptions | boolean;
}

/** Asks for the events after this id; none are known when it is `""`. `again`: there has been a connection before. */
export type Connect = (lastEventId: string, again: boolean) => Coroutine<StreamingResponse>;

/** How much of an answer of another type is read, in bytes, and for how long. */
const ENOUGH = 4_000;
const PATIENCE = "1s";

const NO_CONTENT = 204;
const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/i;

/**
 * The events of a URL, over as many connections as it takes: see `HttpClient.events`.
 *
 * It can be iterated again: that goes on after the last event that was given.
 */
export class ServerSentEvents implements AsyncIterable<ServerSentEvent, void> {
  readonly #connect: Connect;
  readonly #maxEventSize: number;
  readonly #reconnection: Reconnection | null;
  #lastEventId: string;
  #connections = 0;
  #iterated = false;

  /** @internal Use `client.events()`. */
  constructor(connect: Connect, options: EventsOptions) {
    const { lastEventId = "", method = "GET", reconnect = method.toUpperCase() === "GET" } = options;
    if (typeof lastEventId !== "string" || /[\r\n\0]/.test(lastEventId))
      throw new TypeError(
        `Cannot read events: lastEventId must be a string without line breaks, received ${JSON.stringify(lastEventId)}`,
      );
    this.#connect = connect;
    this.#maxEventSize = checkedMaxEventSize(options.maxEventSize);
    this.#reconnection = reconnect === false ? null : new Reconnection(reconnect === true ? {} : reconnect);
    this.#lastEventId = lastEventId;
  }

  /** The id of the last event that was given; `""` while there was none. Kept, it is the `lastEventId` of another time. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** How many connections have brought events, or could have. */
  get connections(): number {
    return this.#connections;
  }

  /** @throws {RuntimeError} when asked for its first event while another iteration is under way. */
  [Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent, void> {
    return following(this);
  }

  /** @internal */
  *follow(): Generator<any, void, any> {
    if (this.#iterated) throw new RuntimeError("Cannot read events: they are being read already");
    this.#iterated = true;
    try {
      while (yield* this.#connection());
    } finally {
      this.#iterated = false;
    }
  }

  /** The events of one connection. Whether there is to be another one, after the time that there has to be between them. */
  *#connection(): Generator<any, boolean, any> {
    const again = this.#connections > 0;
    let response: StreamingResponse;
    try {
      response = yield* this.#connect(this.#lastEventId, again);
    } catch (error) {
      // One that has never answered is more likely to be the wrong one than to come up.
      return yield* this.#again(error, again);
    }
    if (response.status === NO_CONTENT) {
      yield* response.close();
      return false;
    }
    if (!EVENT_STREAM.test(response.headers.get("content-type") ?? ""))
      throw wrongType(response, yield* beginOf(response));
    this.#connections++;
    this.#reconnection?.succeeded();
    const decoder = new EventDecoder(this.#maxEventSize, this.#lastEventId);
    const chunks = new Chunks(response);
    try {
      for (;;) {
        let chunk: Uint8Array | null;
        try {
          chunk = yield* chunks.next();
        } catch (error) {
          this.#ended(decoder);
          return yield* this.#again(error, true);
        }
        if (chunk === null) break;
        for (const { event, id } of decoder.decode(chunk)) {
          this.#lastEventId = id;
          if (event !== null) yield* give(event);
        }
      }
    } finally {
      yield* chunks.close();
    }
    this.#ended(decoder);
    if (this.#reconnection === null) return false;
    yield* sleep(this.#reconnection.afterEnd());
    return true;
  }

  /** No more comes of this connection. */
  #ended(decoder: EventDecoder): void {
    decoder.end();
    if (this.#reconnection !== null) this.#reconnection.retry = decoder.retry ?? this.#reconnection.retry;
  }

  /** Waits after an error, or throws it when nothing else is to be done. */
  *#again(error: unknown, worthwhile: boolean): Generator<any, true, any> {
    const delay =
      error instanceof CancelledError || !worthwhile ? null : (this.#reconnection?.afterError(error) ?? null);
    if (delay === null) throw error;
    yield* sleep(delay);
    return true;
  }
}

const following = asyncGenerator<[ServerSentEvents], ServerSentEvent, void>(function* events(source) {
  yield* source.follow();
});

/** The begin of a body that is something else: it may tell what is wrong. It is not waited for long. */
function* beginOf(response: StreamingResponse): Generator<any, string, any> {
  const chunks = new Chunks(response);
  let begin = Buffer.alloc(0);
  try {
    yield* moveOnAfter(PATIENCE, function* read() {
      while (begin.length < ENOUGH) {
        const chunk: Uint8Array | null = yield* chunks.next();
        if (chunk === null) return;
        begin = Buffer.concat([begin, chunk]);
      }
    });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  } finally {
    yield* chunks.close();
  }
  return decodeText(response.headers, begin);
}

function wrongType({ method, url, status, headers }: StreamingResponse, body: string): HttpProtocolError {
  const type = headers.get("content-type");
  const shown = type === null ? "no content-type" : `the content-type "${type}"`;
  return new HttpProtocolError(`the answer has ${shown}, and not "text/event-stream"`, { method, url, status, body });
}

/** Headers cannot hold more than Latin-1: an id goes as the bytes of its UTF-8. */
export const headerOfId = (id: string): string => Buffer.from(id).toString("latin1");
