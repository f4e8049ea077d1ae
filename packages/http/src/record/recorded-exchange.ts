import { isUtf8 } from "node:buffer";
import type { WireRequest } from "../wire/transport.ts";
import type { RecordedError } from "./recorded-error.ts";

/** Bytes in a file of text: as text where they are UTF-8, otherwise in base64. */
export type RecordedBytes = { readonly text: string } | { readonly base64: string };

/** A part of a body, and how many milliseconds after what came before it. */
export type RecordedPart = RecordedBytes & { readonly after: number };

/** A request, without its credentials. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: RecordedBytes | null;
}

/** How an answer ended: whole, by an error, or because nobody wanted the rest. */
export type RecordedEnd = "whole" | "left" | RecordedError;

/** What came back. */
export interface RecordedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly parts: readonly RecordedPart[];
  /** How many milliseconds after the last part it ended, and how. */
  readonly endedAfter: number;
  readonly end: RecordedEnd;
}

/** A line of a recording: a request, and what came of it after so many milliseconds. */
export interface RecordedExchange {
  /** In which order requests were sent; lines are in the order in which they ended. */
  readonly number: number;
  readonly request: RecordedRequest;
  readonly after: number;
  /** The answer, an error instead, or that nobody waited any longer. */
  readonly outcome: { readonly response: RecordedResponse } | { readonly error: RecordedError } | "left";
}

export function headerOf(headers: RecordedRequest["headers"], name: string): string | null {
  return headers.find(([own]) => own === name)?.[1] ?? null;
}

/** As it was sent, credentials and all. */
export function recordedRequest({ method, url, headers }: WireRequest, body: Uint8Array | null): RecordedRequest {
  return { method, url: url.href, headers, body: body === null ? null : recordedBytes(body) };
}

export function recordedBytes(bytes: Uint8Array): RecordedBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? { text: buffer.toString() } : { base64: buffer.toString("base64") };
}

export function bytesOf(recorded: RecordedBytes): Uint8Array {
  return "text" in recorded ? Buffer.from(recorded.text) : Buffer.from(recorded.base64, "base64");
}
