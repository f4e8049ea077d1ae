import {
  BodyTooLargeError,
  HttpConnectError,
  HttpConnectionError,
  HttpError,
  type HttpErrorDetails,
  HttpProtocolError,
  HttpTimeoutError,
  type TimeoutPhase,
} from "../errors.ts";

/** What a transport throws, to be thrown again. */
export interface RecordedError {
  readonly name: string;
  /** What follows `Cannot GET https://…: ` in the message. */
  readonly reason: string;
  readonly status: number | null;
  readonly retryable: boolean;
  readonly phase?: TimeoutPhase;
}

type Details = HttpErrorDetails & { readonly phase: TimeoutPhase };

const CLASSES: Readonly<Record<string, new (reason: string, details: Details) => HttpError>> = {
  BodyTooLargeError,
  HttpConnectError,
  HttpConnectionError,
  HttpProtocolError,
  HttpTimeoutError,
};

export function recordedError(error: unknown): RecordedError {
  if (!(error instanceof HttpError)) {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    return { name, reason: message, status: null, retryable: false };
  }
  const { name, status, retryable } = error;
  const prefix = `Cannot ${error.method} ${error.url}: `;
  const reason = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return {
    name,
    reason,
    status,
    retryable,
    ...(error instanceof HttpTimeoutError ? { phase: error.phase } : {}),
  };
}

/** The error as it was, for this request. */
export function revivedError(recorded: RecordedError, method: string, url: URL): HttpError {
  const { name, reason, status, retryable, phase = "headers" } = recorded;
  const ErrorClass = CLASSES[name] ?? HttpError;
  return new ErrorClass(reason, { method, url, status, retryable, phase });
}
