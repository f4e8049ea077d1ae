import {
  HttpConnectError,
  HttpConnectionError,
  type HttpError,
  type HttpErrorDetails,
  HttpProtocolError,
  HttpTimeoutError,
  type TimeoutPhase,
} from "../errors.ts";
import type { WireRequest } from "./transport.ts";

/** What undici and Node say, and what that means. */
const BROKEN: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: "the server closed the connection before it had answered",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the body is not as long as its content-length",
  UND_ERR_DESTROYED: "the connection was closed",
  UND_ERR_CLOSED: "the connection was closed",
  UND_ERR_INFO: "the connection was closed",
  ECONNRESET: "the connection was reset",
  EPIPE: "the server closed the connection while the request was sent",
};

/** What everything fails with when a client is aborted. */
export const ABORTED: Error = new Error("the client was aborted");

type Coded = Error & { readonly code?: unknown };

const detailsOf = ({ method, url }: WireRequest, cause?: unknown): HttpErrorDetails => ({ method, url, cause });

/** The error of a request, of what undici gives as one. */
export function wireError(request: WireRequest, cause: Error, status: number | null): HttpError {
  const code = String((cause as Coded).code ?? "");
  const details: HttpErrorDetails = { ...detailsOf(request, cause), status };
  if (cause === ABORTED) return new HttpConnectionError(ABORTED.message, { ...details, retryable: false });
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return new HttpProtocolError(
      "the headers of the answer are larger than 16 KiB (node --max-http-header-size)",
      details,
    );
  if (code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH")
    return new HttpProtocolError("the body that was sent is not as long as its content-length", details);
  if (cause.name === "HTTPParserError") return parserError(cause.message, details);
  const broken = BROKEN[code];
  if (broken !== undefined) {
    const answered = status !== null && code === "UND_ERR_SOCKET";
    return new HttpConnectionError(
      answered ? "the server closed the connection in the middle of the body" : broken,
      details,
    );
  }
  if (code.startsWith("UND_ERR_")) return new HttpProtocolError(cause.message, details);
  return new HttpConnectionError(cause.message, details);
}

/** undici's parser gives no code: its reason is in the message. */
function parserError(message: string, details: HttpErrorDetails): HttpError {
  const reason = /\((.*)\)$/.exec(message)?.[1] ?? message;
  return reason === "Invalid EOF state"
    ? new HttpConnectionError("the connection ended in the middle of the answer", details)
    : new HttpProtocolError(`what came is not HTTP: ${reason}`, details);
}

/** The error of a connection that could not be made. */
export function connectError(request: WireRequest, cause: unknown): HttpError {
  const { code, message } = cause as Coded;
  if (cause === ABORTED) return new HttpConnectError(message, { ...detailsOf(request, cause), retryable: false });
  // Of several addresses each has an error of its own.
  const first = cause instanceof AggregateError ? (cause.errors[0] as Coded) : undefined;
  const text = message || first?.message || String(code);
  return new HttpConnectError(text, detailsOf(request, cause));
}

const PHASES: Readonly<Record<Exclude<TimeoutPhase, "total">, string>> = {
  connect: "no connection",
  headers: "no answer",
  body: "no more of the body",
};

/** The error of a time limit of `limit` milliseconds. */
export function timeoutError(
  request: WireRequest,
  phase: Exclude<TimeoutPhase, "total">,
  limit: number,
  status: number | null = null,
): HttpTimeoutError {
  return new HttpTimeoutError(`${PHASES[phase]} within ${limit} ms`, {
    method: request.method,
    url: request.url,
    phase,
    status,
  });
}
