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
export { EventDataError, EventTooLargeError } from "./events/event-errors.ts";
export { type ParseEventsOptions, parseEvents } from "./events/parse-events.ts";
export type { ReconnectOptions } from "./events/reconnection.ts";
export type { ServerSentEvent } from "./events/server-sent-event.ts";
export { type EventsOptions, ServerSentEvents } from "./events/server-sent-events.ts";
export type { BodyOptions, BodySource } from "./message/body.ts";
export { Multipart, type PartOptions } from "./message/multipart.ts";
export { type CookieInfo, CookieJar, type CookieJarJson } from "./cookies/cookie-jar.ts";
export type { QueryValue, QueryValues } from "./message/query.ts";
export { HttpResponse } from "./message/response.ts";
export { StreamingResponse } from "./message/streaming-response.ts";
export type {
  Auth,
  ClientDefaults,
  CommonOptions,
  HttpClientOptions,
  PolicyOptions,
  RequestOptions,
  TimeoutOptions,
} from "./client/options.ts";
export { HttpClient, type HttpClientStatistics, type OriginStatistics } from "./client/http-client.ts";
export type { ConcurrencyStatistics, OriginPolicies } from "./client/origin.ts";
export type { TlsOptions } from "./wire/connector.ts";
export { UndiciTransport, type UndiciTransportOptions } from "./wire/undici-transport.ts";
export type {
  HttpTransport,
  WireBody,
  WireRequest,
  WireResponse,
  WireStatistics,
  WireTimeouts,
} from "./wire/transport.ts";
export type { Cost } from "./limit/cost.ts";
export type { LimitStatistics } from "./limit/limit.ts";
export type { Rate, RateOptions } from "./limit/rate.ts";
export { RateLimits, type RateLimitsOptions, type RateLimitsStatistics } from "./limit/rate-limits.ts";
export { Reservation } from "./limit/reservation.ts";
export { type BackoffOptions, backoff } from "./retry/backoff.ts";
export type { IterableHeaders, ReadableHeaders } from "./retry/http-date.ts";
export { retryAfter } from "./retry/retry-after.ts";
export { RetryBudget, type RetryBudgetOptions, type RetryBudgetStatistics } from "./retry/retry-budget.ts";
export { type RetryFailure, type RetryOptions, RetryPolicy } from "./retry/retry-policy.ts";
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerStatistics,
  type CircuitState,
  type Passage,
} from "./breaker/circuit-breaker.ts";
export { NotRecordedError } from "./record/not-recorded-error.ts";
export type { RecordedBytes, RecordedRequest } from "./record/recorded-exchange.ts";
export { type RecordOptions, Recorder, type ReplayOptions } from "./record/recorder.ts";
export type { RedactOptions } from "./record/redaction.ts";
export type { RequestMatch } from "./record/replaying-transport.ts";
export {
  AdaptiveConcurrency,
  type AdaptiveConcurrencyOptions,
  type AdaptiveConcurrencyStatistics,
  Permit,
  type PermitOutcome,
} from "./limit/adaptive-concurrency.ts";
