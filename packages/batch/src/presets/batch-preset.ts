import type { Awaitable } from "tsyncio";
import type { HttpHeaders, ServerSentEvent } from "@tsyncio/http";
import type { BatchCost, BatchRequest, ItemInfo } from "../request/batch-request.ts";

/** An answer that is none, or an error. */
export interface AnswerFailure {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly headers: HttpHeaders | null;
  /** The beginning of what the server said. */
  readonly body: string | null;
  readonly error: Error;
}

/**
 * What becomes of a request that has failed:
 *
 * | verdict | the request | the batch |
 * |---|---|---|
 * | "retry" | is sent again, so often as `retry.attempts` says; then it has failed | goes on |
 * | "limited" | is sent again when the server permits it, this does not count as an attempt | waits too |
 * | "failed" | is recorded as failed | goes on |
 * | "stop" | has no result | ends: no other would go better (a wrong key, no credit) |
 */
export type Verdict = "retry" | "limited" | "failed" | "stop";

/** How an API is spoken to: `openAiChat`, `openAiEmbeddings` and `anthropicMessages` make it. */
export interface BatchPreset {
  readonly name: string;
  /** The field with the id, when the item has it and nothing else was said. */
  readonly idField?: string;
  /**
   * The request for an item.
   *
   * @throws {InputFault} when none can be made of it.
   */
  request(value: unknown, item: ItemInfo): Awaitable<BatchRequest> | BatchRequest;
  /** What it will take of the limits, estimated. */
  cost?(request: BatchRequest): BatchCost;
  /** What it has taken, by its answer; null when the answer does not say. */
  usage?(result: unknown): BatchCost | null;
  /** Whether a result is what the API gives: a page of a proxy with status 200 is not. Such an answer is a failure that may pass. */
  accepts?(result: unknown): boolean;
  /** Makes one result of an answer that comes as events. With this, a request whose body says `stream: true` is read so. */
  join?(events: AsyncIterable<ServerSentEvent>): Awaitable<unknown>;
  /** What becomes of a failure; null for what is to be done by its status. */
  judge?(failure: AnswerFailure): Verdict | null;
}
