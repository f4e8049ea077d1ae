import type { IncomingHttpHeaders } from "node:http";
import type { Admission, Costs } from "../limits/account.ts";

/** A JSON object that came in. */
export type Body = Readonly<Record<string, any>>;

/** What somebody has sent. */
export interface Question {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  /** Of this request: in a header of the answer, and in the ids of what is made. */
  readonly serial: number;
}

/** How the server answers questions. */
export interface AnswerOptions {
  /** The key that a request must show; null: any, or none. */
  readonly key: string | null;
  /** The answer to a prompt. */
  readonly answer: (prompt: string) => string;
}

/** An answer that has not been sent. */
export interface Reply {
  /** What is asked with. */
  readonly prompt: string;
  /** What it really costs. */
  readonly used: Costs;
  /** What it may cost at most, by the request. */
  readonly reserved: Costs;
  /** The whole answer, or the blocks of a stream. */
  readonly body: Body | readonly string[];
}

/** An answer that is an error. */
export interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body | string;
}

/** One provider's way to talk. */
export interface Api {
  /** The paths that it serves, and how they answer; a failure for a request that is wrong. */
  readonly paths: Readonly<Record<string, (question: Question, options: AnswerOptions) => Reply | Failure>>;
  /** On every answer. */
  headers(serial: number): Record<string, string>;
  limitHeaders(admission: Admission): Record<string, string>;
  /** How it refuses: its 429. */
  refusal(admission: Admission, serial: number): Failure;
  /** Its error with this status: of the server, or of what is wrong with the request. */
  failure(status: number, serial: number, message?: string): Failure;
  /** 429 for good: there is no money. */
  quota(serial: number): Failure;
  /** How it says in the middle of a stream that it cannot go on. */
  errorEvent(serial: number): string;
}

export const isFailure = (result: Reply | Failure): result is Failure => "status" in result;

/** Four characters a token, as a rule of thumb; nothing is none. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);

/** Text in pieces of a few characters, none of them cut. */
export function piecesOf(text: string, length = 12): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += length) pieces.push(characters.slice(at, at + length).join(""));
  return pieces;
}

/** The text of a message's `content`: a string, or a list of parts. */
export function textOf(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  const texts = content.filter((part) => part?.type === "text" && typeof part.text === "string");
  return texts.length === 0 ? null : texts.map(({ text }) => text).join("\n");
}

/** `text` with so many tokens at most, and whether that is less than all. */
export function limited(text: string, maxTokens: number | null): { readonly text: string; readonly cut: boolean } {
  if (maxTokens === null || tokensOf(text) <= maxTokens) return { text, cut: false };
  return { text: text.slice(0, maxTokens * 4), cut: true };
}

export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;

export const inSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
