import type { EncodedError } from "./error-transfer.ts";
import type { RemoteAddress } from "./remote.ts";

/** A function as a worker gets it: its source text, or where it is. With `each` it is called for each item of its argument. */
export type FunctionSpec = ({ readonly name: string; readonly source: string } | RemoteAddress) & {
  readonly each?: boolean;
};

/** A context variable, by its name, and its value. */
export type ContextEntry = readonly [name: string, value: unknown];

/** A job: its number, the number of its function, the arguments, and the context unless that is empty. */
export type JobMessage = readonly [id: number, fn: number, args: readonly unknown[], context?: readonly ContextEntry[]];

/** What the pool tells a worker. Functions come once each, with the first batch that needs them. */
export type ToWorker =
  | { readonly jobs: readonly JobMessage[]; readonly functions?: readonly (readonly [number, FunctionSpec])[] }
  /** The job is wanted no more. */
  | { readonly cancel: number; readonly message?: unknown }
  /** The consumer of a stream has room for `credit` more items. */
  | { readonly pull: number; readonly credit: number }
  /** The consumer has left the stream. */
  | { readonly leave: number };

export const VALUE = 0;
export const ERROR = 1;
export const CANCELLED = 2;
/** The result is an async iterable: items follow. */
export const STREAM = 3;

/** How a job ended, its value (or encoded error, or the message of its cancellation), and the milliseconds it took. */
export type ResultMessage = readonly [id: number, outcome: number, value: unknown, took: number];

/** What a worker tells the pool. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly results: readonly ResultMessage[] }
  | { readonly items: readonly unknown[]; readonly stream: number }
  /** The stream is over, by an error if there is one; its job is, too. */
  | { readonly end: number; readonly error?: EncodedError };
