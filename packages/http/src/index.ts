/**
 * An HTTP client on the tsyncio event loop: limits, retries, streaming and server-sent events, cancelled on the wire.
 *
 * @packageDocumentation
 */
export {
  BodyTooLargeError,
  CircuitOpenError,
  HttpConnectError,
  HttpConnectionError,
  HttpDecodeError,
  HttpError,
  type HttpErrorDetails,
  HttpProtocolError,
  HttpRedirectError,
  HttpStatusError,
  HttpTimeoutError,
  type TimeoutPhase,
} from "./errors.ts";
export { type HeaderValues, HttpHeaders } from "./message/headers.ts";
export type { BodySource, QueryValue, QueryValues, RequestOptions, TimeoutOptions } from "./client/options.ts";
export type {
  HttpTransport,
  WireBody,
  WireRequest,
  WireResponse,
  WireStatistics,
  WireTimeouts,
} from "./wire/transport.ts";
