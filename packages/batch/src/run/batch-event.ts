import type { ItemId } from "../input/item-id.ts";
import type { BatchResult } from "../output/batch-result.ts";
import type { BatchProgress } from "./batch-progress.ts";
import type { BatchReport } from "./batch-report.ts";

/** What happens in a batch, for `onEvent`. All of it can be written as JSON. */
export type BatchEvent =
  | BatchStartEvent
  | BatchResultEvent
  | BatchRetryEvent
  | BatchFaultEvent
  | BatchProgressEvent
  | BatchStoppingEvent
  | BatchEndEvent;

/** The results of earlier runs are known, and sending begins. */
export interface BatchStartEvent {
  readonly type: "start";
  readonly input: string;
  readonly output: string;
  /** How many results there are already. */
  readonly recorded: number;
  /** How many of them are failures. */
  readonly recordedFailures: number;
  /** How many failures were forgotten, to be sent again. */
  readonly forgotten: number;
  /** How many bytes of a torn line were removed from the output. */
  readonly mended: number;
}

/** A result was recorded. */
export interface BatchResultEvent extends Omit<BatchResult, "result"> {
  readonly type: "result";
}

/** A request has failed and is sent again. */
export interface BatchRetryEvent {
  readonly type: "retry";
  readonly id: ItemId;
  readonly line: number;
  /** How often it was sent. */
  readonly attempt: number;
  readonly status: number | null;
  readonly message: string;
  /** After so many milliseconds, and when the limits permit it. */
  readonly delay: number;
  /** The server wants it slower: it does not count as an attempt. */
  readonly limited: boolean;
}

/** Nothing can be sent of a line: it has no result. */
export interface BatchFaultEvent extends InputFaultReport {
  readonly type: "fault";
}

/** A line of the input of which nothing can be sent, and why. */
export interface InputFaultReport {
  readonly line: number;
  readonly message: string;
}

/** How it goes, each `progressInterval`. */
export interface BatchProgressEvent extends BatchProgress {
  readonly type: "progress";
}

/** No more is sent; what is in flight is waited for. */
export interface BatchStoppingEvent {
  readonly type: "stopping";
  readonly reason: string;
}

/** It is over. */
export interface BatchEndEvent extends BatchReport {
  readonly type: "end";
}
