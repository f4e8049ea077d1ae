import type { Awaitable } from "tsyncio";
import type { HttpHeaders } from "../message/headers.ts";

/**
 * What carries requests: connections to servers, or what stands for them (a recorder, a test, a simulation). It does one
 * exchange: redirects, retries, cookies, limits and content encodings are the client's.
 *
 * A transport can serve several clients and several loops. One of your own may be written in either spelling, and may wrap another:
 * to count, to log, to fail on purpose.
 */
export interface HttpTransport {
  /**
   * Sends the request and gives the answer: with `whole`, when all of it is there, else when its headers are.
   *
   * **When cancelled**: the request is closed on the wire at once.
   *
   * @throws {HttpError} of the family, with attempt 1.
   */
  exchange(request: WireRequest): Awaitable<WireResponse>;

  /** Waits for what is in flight, and closes the connections. */
  close(): Awaitable<void>;

  /** Closes everything at once; what is in flight fails. */
  abort?(): void;

  /** What there is of one origin, or null when it has not been asked yet. */
  statistics?(origin: string): WireStatistics | null;

  /** The origins that it has been asked for. */
  origins?(): readonly string[];
}

/** The connections of one origin. */
export interface WireStatistics {
  /** Open or being opened. */
  readonly sockets: number;
  /** Requests on the wire. */
  readonly inFlight: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/** A request as it goes over the wire. */
export interface WireRequest {
  /** In capitals, if it is one of HTTP's own. */
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. A body of bytes has its `content-length` from the transport. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: null | Uint8Array | AsyncIterable<Uint8Array>;
  /** Whether the body of the answer is gathered, or given as it comes. */
  readonly whole: boolean;
  readonly timeouts: WireTimeouts;
  /** How many bytes of the answer's body are taken, as they come over the wire; null: any number. */
  readonly maxBodySize: number | null;
}

/** Milliseconds; null: no limit. */
export interface WireTimeouts {
  readonly connect: number | null;
  /**
   * From the time that the request has a connection until the headers of the answer are there. A body that is sent in parts has it
   * begin anew with each.
   */
  readonly headers: number | null;
  /** Between two parts of the body. */
  readonly body: number | null;
}

/** An answer as it came over the wire: redirects, errors and encoded bodies are answers like others. */
export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HttpHeaders;
  /** Bytes when the request was for the `whole` of it. */
  readonly body: Uint8Array | WireBody;
}

/** A body that comes in parts. Nothing more is read from the wire than a little ahead of who iterates. Iterated once. */
export interface WireBody extends AsyncIterable<Uint8Array> {
  /** Gives up the rest: the connection is closed, unless the end has come already. Doing so again does nothing. */
  cancel(): void;
}
