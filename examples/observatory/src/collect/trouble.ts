import { STATUS_CODES } from "node:http";
import { CancelledError, TimeoutError } from "tsyncio";
import type { Answer } from "./client.ts";
import { UnreadableError } from "./source.ts";

/** A request brought nothing. A cancellation, or a fault of this program, is no trouble. */
export class Trouble extends Error {
  /** What it is counted as, such as "timeout" or "429 Too Many Requests". */
  readonly kind: string;
  /** Whether it may be gone the next time. */
  readonly passing: boolean;
  readonly status: number | null;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(kind: string, details: TroubleDetails) {
    super(kind);
    this.kind = kind;
    this.passing = details.passing;
    this.status = details.status ?? null;
    this.retryAfter = details.retryAfter;
  }
}

export interface TroubleDetails {
  readonly passing: boolean;
  readonly status?: number;
  readonly retryAfter?: number | undefined;
}

const PASSING_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Who asks to be left alone for longer than this is given up: milliseconds. */
const LONGEST_WAIT = 60_000;

/** @throws {Trouble} unless the status of the answer is 2xx */
export function checkStatus({ status, headers }: Answer): void {
  if (status >= 200 && status < 300) return;
  const retryAfter = retryAfterOf(headers["retry-after"], Date.now());
  throw new Trouble(`${status} ${STATUS_CODES[status] ?? "Unknown"}`, {
    passing: PASSING_STATUSES.has(status) && (retryAfter ?? 0) <= LONGEST_WAIT,
    status,
    retryAfter,
  });
}

/** What a request has thrown, as trouble; a cancellation is given back as it is. */
export function asTrouble(error: unknown): unknown {
  if (error instanceof CancelledError) return error;
  if (error instanceof TimeoutError) return new Trouble("timeout", { passing: true });
  if (error instanceof UnreadableError) return new Trouble(error.message, { passing: true });
  const { name, code = "", message } = error as NodeJS.ErrnoException;
  if (name === "HTTPParserError") return new Trouble("not HTTP", { passing: false });
  const [kind, passing] = NETWORK_FAULTS[code] ?? [message, false];
  return new Trouble(kind, { passing });
}

/** Codes of Node and undici. */
const NETWORK_FAULTS: Readonly<Record<string, readonly [kind: string, passing: boolean]>> = {
  ECONNRESET: ["connection reset", true],
  EPIPE: ["connection reset", true],
  UND_ERR_SOCKET: ["connection closed", true],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["body cut off", true],
  UND_ERR_CONNECT_TIMEOUT: ["no connection", true],
  ETIMEDOUT: ["no connection", true],
  EAI_AGAIN: ["no name server", true],
  ECONNREFUSED: ["connection refused", true],
  ENOTFOUND: ["no such host", false],
  EHOSTUNREACH: ["host unreachable", false],
  ENETUNREACH: ["network unreachable", false],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ["too large", false],
  UND_ERR_INVALID_ARG: ["redirection that leads nowhere", false],
  ERR_INVALID_URL: ["redirection that leads nowhere", false],
  CERT_HAS_EXPIRED: ["certificate has expired", false],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["certificate is self-signed", false],
  SELF_SIGNED_CERT_IN_CHAIN: ["certificate is self-signed", false],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["certificate cannot be verified", false],
  ERR_TLS_CERT_ALTNAME_INVALID: ["certificate is another host's", false],
  EPROTO: ["not HTTPS", false],
  ERR_SSL_WRONG_VERSION_NUMBER: ["not HTTPS", false],
};

/**
 * What a Retry-After header asks for, in milliseconds from `now`: it holds seconds, or a date.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
