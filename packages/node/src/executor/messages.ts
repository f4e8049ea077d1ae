import type { Encoded } from "./encode-error.ts";
import type { RemoteAddress } from "./remote.ts";

/** A function as a worker gets it: its source text, or where it is. With `each` it is called for each item of its argument. */
export type FunctionSpec = ({ readonly name: string; readonly source: string } | RemoteAddress) & {
  readonly each?: boolean;
};

/** A context variable, by its name and its place among those of that name, and its value. */
export type ContextEntry = readonly [name: string, place: number, value: unknown];

/** A job: its number, the number of its function, the arguments, and the context unless that is empty. */
export type JobMessage = readonly [id: number, fn: number, args: readonly unknown[], context?: readonly ContextEntry[]];

/** Jobs that travel together. `first` is the place of the first among all that the worker was sent. */
export interface Batch {
  readonly jobs: readonly JobMessage[];
  readonly first: number;
  /** Functions that the worker does not know yet. */
  readonly functions?: readonly (readonly [number, FunctionSpec])[];
}

/** What the pool tells a worker. */
export type ToWorker =
  | Batch
  /** The job is wanted no more. */
  | { readonly cancel: number; readonly message?: unknown }
  /** The consumer of a stream has room for `credit` more items. */
  | { readonly pull: number; readonly credit: number }
  /** The consumer has left the stream. */
  | { readonly leave: number }
  /** Nothing more comes. */
  | { readonly end: true };

export const VALUE = 0;
export const ERROR = 1;
export const CANCELLED = 2;
/** The result is an async iterable: items follow. */
export const STREAM = 3;
/** It was not begun: it had been taken back, as the pool may not know. Its value is its place. */
export const RETURNED = 4;

/** How a job ended, its value (or encoded error, or the message of its cancellation), and the milliseconds it took. */
export type ResultMessage = readonly [id: number, outcome: number, value: unknown, took: number];

/** What a worker tells the pool. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly results: readonly ResultMessage[] }
  | { readonly items: readonly unknown[]; readonly stream: number }
  /** The stream is over, by an error if there is one; its job is, too. */
  | { readonly end: number; readonly error?: Encoded }
  /** It ends by an error that nobody caught. */
  | { readonly fatal: Encoded };
