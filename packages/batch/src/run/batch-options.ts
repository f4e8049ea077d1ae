import type {
  AdaptiveConcurrencyOptions,
  HttpClient,
  RateLimits,
  RateLimitsOptions,
  RetryOptions,
} from "@tsyncio/http";
import type { Awaitable, Duration } from "tsyncio";
import type { IdSource } from "../input/item-id.ts";
import type { BatchOutput } from "../output/batch-output.ts";
import type { BatchPreset } from "../presets/batch-preset.ts";
import type { BatchCost, BatchRequest, ItemInfo } from "../request/batch-request.ts";
import type { RequestTemplate } from "../request/template.ts";
import type { BatchEvent } from "./batch-event.ts";

/** When a request of a batch is sent again. */
export interface BatchRetryOptions extends Pick<RetryOptions, "delay" | "statuses"> {
  /** How often it is sent at most; answers that only want it slower do not count. Default: 6. */
  readonly attempts?: number;
  /** How often the server may want it slower, before it counts as failed. Default: 100. */
  readonly limitedAttempts?: number;
}

/** Options of `batch`: one of `request`, `template` and `preset`, and an `output`. */
export interface BatchOptions {
  /** Makes the request for an item. */
  readonly request?: (value: any, item: ItemInfo) => BatchRequest | Awaitable<BatchRequest>;
  /** A request with places for the fields of an item. */
  readonly template?: RequestTemplate;
  /** Speaks to an API that is known: `openAiChat()`, `openAiEmbeddings()`, `anthropicMessages()`. */
  readonly preset?: BatchPreset;
  /** Where the results go: a file (`.jsonl`, `.ndjson`; `.db`, `.sqlite`, `.sqlite3`), or an output. */
  readonly output: string | URL | BatchOutput;
  /** What names an item: a field, or a function of the item and its line. Default: its line. */
  readonly id?: IdSource;
  /** What the API permits: `{ requests: "600/1m", tokens: "90000/1m" }`, or limits that others share. Default: none but what is learnt. */
  readonly limits?: RateLimits | RateLimitsOptions;
  /** Whether limits are learnt from the answers. Default: true. */
  readonly learnLimits?: boolean;
  /** What a request will take of the limits. Default: what the preset expects, else one request. */
  readonly cost?: (request: BatchRequest) => BatchCost;
  /** What it has taken, by its result; null when that does not say. Default: what the preset reads. */
  readonly usage?: (result: any) => BatchCost | null;
  /** How many requests are in flight, at most: a number, or how it is found out. Default: it is found. */
  readonly concurrency?: number | AdaptiveConcurrencyOptions;
  readonly retry?: BatchRetryOptions;
  /** Whether items that were recorded as failed are sent again. Their failures are forgotten before the first is sent. Default: false. */
  readonly retryFailed?: boolean;
  /** The batch is stopped when so many in a row have failed; null: never. Default: 100. */
  readonly maxFailuresInRow?: number | null;
  /** Whether requests have an `Idempotency-Key`, the same in every run; or what it is. Default: false. */
  readonly idempotencyKey?: boolean | ((item: ItemInfo) => string);
  /** Sends. It is not closed. Default: one of its own. */
  readonly client?: HttpClient;
  /** Is told what happens. An error of it ends the batch. */
  readonly onEvent?: (event: BatchEvent) => void;
  /** How often there is a progress event. Default: 1 s. */
  readonly progressInterval?: Duration;
  /** Aborting it stops the batch: nothing more is sent, what is in flight is waited for, and the report says so, with the reason if that is text. */
  readonly signal?: AbortSignal;
}
