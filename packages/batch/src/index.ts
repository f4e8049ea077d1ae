/**
 * Sends very many requests to an API as fast as its limits allow, and loses none.
 *
 * @packageDocumentation
 */
export { batch } from "./batch.ts";
export { BatchError, InputFault, OutputLockedError, ResultsError } from "./errors.ts";
export type { BatchInput, InputItem } from "./input/batch-input.ts";
export type { ByteSource } from "./input/byte-source.ts";
export { type CsvInputOptions, csvInput } from "./input/csv-input.ts";
export type { IdSource, ItemId } from "./input/item-id.ts";
export { iterableInput } from "./input/iterable-input.ts";
export { jsonlInput } from "./input/jsonl-input.ts";
export type { InputSource } from "./input/open-input.ts";
export type { BatchOutput, Ordering, ResultStore } from "./output/batch-output.ts";
export type { BatchFailure, BatchResult } from "./output/batch-result.ts";
export { type DatabaseOutputOptions, databaseOutput } from "./output/database-output.ts";
export type { SyncPolicy } from "./output/disk-sync.ts";
export { type JsonlOutputOptions, jsonlOutput } from "./output/jsonl-output.ts";
export { AnswerError } from "./presets/answer-error.ts";
export { type AnthropicMessagesOptions, anthropicMessages } from "./presets/anthropic-messages.ts";
export type { ApiAccess } from "./presets/api-access.ts";
export type { AnswerFailure, BatchPreset, Verdict } from "./presets/batch-preset.ts";
export { type OpenAiChatOptions, openAiChat } from "./presets/openai-chat.ts";
export { type OpenAiEmbeddingsOptions, openAiEmbeddings } from "./presets/openai-embeddings.ts";
export type { BatchCost, BatchRequest, ItemInfo } from "./request/batch-request.ts";
export type { RequestTemplate } from "./request/template.ts";
export type {
  BatchEndEvent,
  BatchEvent,
  BatchFaultEvent,
  BatchProgressEvent,
  BatchResultEvent,
  BatchRetryEvent,
  BatchStartEvent,
  BatchStoppingEvent,
  InputFaultReport,
} from "./run/batch-event.ts";
export type { BatchOptions, BatchRetryOptions } from "./run/batch-options.ts";
export type { BatchProgress, LimitProgress } from "./run/batch-progress.ts";
export type { BatchReport } from "./run/batch-report.ts";
