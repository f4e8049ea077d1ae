import { STATUS_CODES } from "node:http";
import {
  BodyTooLargeError,
  HttpConnectError,
  HttpConnectionError,
  HttpProtocolError,
  HttpRedirectError,
  HttpStatusError,
  HttpTimeoutError,
} from "@tsyncio/http";
import { UnreadableError } from "./source.ts";

/** What an error is counted as, such as "timeout" or "429 Too Many Requests". */
export function kindOf(error: unknown): string {
  if (error instanceof HttpStatusError) return statusKind(error.status);
  if (error instanceof HttpTimeoutError) return error.phase === "connect" ? "no connection" : "timeout";
  if (error instanceof HttpConnectionError) return error.status === null ? "connection closed" : "the body is cut off";
  if (error instanceof HttpConnectError) return connectKind(error);
  if (error instanceof HttpProtocolError) return "not HTTP";
  if (error instanceof HttpRedirectError) return "redirection that leads nowhere";
  if (error instanceof BodyTooLargeError) return "too large";
  if (error instanceof UnreadableError) return error.message;
  throw error;
}

/** Such as "503 Service Unavailable". */
export function statusKind(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? "Unknown"}`;
}

function connectKind(error: HttpConnectError): string {
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return CONNECT_KINDS[code] ?? "no connection";
}

/** Codes of Node. */
const CONNECT_KINDS: Readonly<Record<string, string>> = {
  EAI_AGAIN: "no name server",
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  CERT_HAS_EXPIRED: "certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate is another host's",
  EPROTO: "not HTTPS",
  ERR_SSL_WRONG_VERSION_NUMBER: "not HTTPS",
};
