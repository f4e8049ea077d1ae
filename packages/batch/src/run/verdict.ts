import { HttpConnectError, HttpError, type HttpHeaders, HttpStatusError, HttpTimeoutError } from "@tsyncio/http";
import { CancelledError } from "tsyncio";
import { AnswerError } from "../presets/answer-error.ts";
import type { AnswerFailure, BatchPreset, Verdict } from "../presets/batch-preset.ts";

/** What goes by an error of the exchange; null for an error that is nobody's business here. */
export function failureOf(error: unknown): AnswerFailure | null {
  if (error instanceof HttpStatusError) return of(error, error.status, error.body, error.headers);
  if (error instanceof HttpError) return of(error, error.status, error.body, null);
  if (error instanceof AnswerError) return of(error, error.status, error.body, null);
  // Of who reads the answer.
  if (error instanceof CancelledError || error instanceof TypeError || error instanceof RangeError) return null;
  return error instanceof Error ? of(error, null, null, null) : null;
}

function of(error: Error, status: number | null, body: string | null, headers: HttpHeaders | null): AnswerFailure {
  return { error, status, body, headers };
}

/** Besides those of `Verdict`: nothing is there that could answer. */
export type FullVerdict = Verdict | "unreachable";

const TOO_MANY = 429;
const UNAVAILABLE = 503;
const OVERLOADED = 529;

/** What is to be done: as the preset says, as the caller says, or by the status. */
export function verdictOn(
  failure: AnswerFailure,
  judge: BatchPreset["judge"],
  statuses: ReadonlySet<number> | null,
): FullVerdict {
  const told = judge?.(failure) ?? null;
  if (told !== null) return told;
  const { status, headers, error } = failure;
  if (error instanceof HttpConnectError) return "unreachable";
  if (status === TOO_MANY || status === OVERLOADED) return "limited";
  if (status === UNAVAILABLE && headers?.has("retry-after") === true) return "limited";
  if (status !== null && status >= 400) return mayPass(status, statuses) ? "retry" : "failed";
  // Of one attempt, whichever limit it was.
  if (error instanceof HttpTimeoutError) return "retry";
  return error instanceof HttpError && !error.retryable ? "failed" : "retry";
}

const TEMPORARY: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504]);

function mayPass(status: number, statuses: ReadonlySet<number> | null): boolean {
  return (statuses ?? TEMPORARY).has(status);
}
