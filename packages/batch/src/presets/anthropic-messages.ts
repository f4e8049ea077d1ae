import type { BatchCost, BatchRequest, ItemInfo } from "../request/batch-request.ts";
import { type ApiAccess, checkModel, endpoint, keyOf } from "./api-access.ts";
import type { BatchPreset, Verdict } from "./batch-preset.ts";
import { RunningMean, estimateTokens } from "./estimate-tokens.ts";
import { joinAnthropicMessages } from "./join-anthropic-messages.ts";
import { type JsonObject, isJsonObject, numberIn } from "./json-object.ts";
import { unusable, withoutId } from "./openai-body.ts";

/** Options of `anthropicMessages`. The key is by default that of the variable ANTHROPIC_API_KEY. */
export interface AnthropicMessagesOptions extends ApiAccess {
  /** The model, for items that do not name one. */
  readonly model: string;
  /** How many tokens an answer may have, for items that do not say it. Default: 1024. */
  readonly maxTokens?: number;
  /** The system prompt, for items that have none. */
  readonly system?: string;
  /** Whether answers come as streams, which are joined. */
  readonly stream?: boolean;
  /** Further parameters of every request, such as `{ temperature: 0 }`; those of an item go before. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const MAX_TOKENS = 1024;
const VERSION = "2023-06-01";

/**
 * Messages of Anthropic, and of every server that speaks as it does (set `baseUrl`). An item is `{ "prompt": "…" }`, or has `messages`;
 * what else it has are parameters of its request. The result is the message.
 *
 * Limits: `requests`, `inputTokens` and `outputTokens`, or `tokens` for both together. A request is expected to take a token for each
 * four bytes of what it says, and as many for the answer as answers have had of late, at most its `max_tokens`. An answer 529 (overloaded)
 * is waited out as 429 is.
 *
 * @throws {TypeError} without a model, without a key for the service itself, and for an address that is none.
 * @see https://docs.anthropic.com/en/api/messages
 */
export function anthropicMessages(options: AnthropicMessagesOptions): BatchPreset {
  const { system, stream = false, parameters = {}, maxTokens = MAX_TOKENS } = options;
  const model = checkModel(options.model);
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    throw new RangeError(`Cannot use maxTokens ${String(maxTokens)}: expected an integer >= 1`);
  const url = endpoint(options, "https://api.anthropic.com", "/v1/messages");
  const key = keyOf(options, "ANTHROPIC_API_KEY");
  const headers = {
    "anthropic-version": VERSION,
    ...(key === null ? {} : { "x-api-key": key }),
    ...options.headers,
  };
  const answerTokens = new RunningMean(maxTokens);
  const standard = { model, max_tokens: maxTokens, ...(system === undefined ? {} : { system }), ...parameters };

  return {
    name: "anthropic-messages",
    request(value, item): BatchRequest {
      const json = { ...standard, ...bodyOf(value, item), ...(stream ? { stream: true } : {}) };
      return { url, method: "POST", headers, json };
    },
    cost({ json }): BatchCost {
      const body = json as JsonObject;
      const said = `${JSON.stringify(body["messages"])}${JSON.stringify(body["system"] ?? "")}`;
      const inputTokens = estimateTokens(said);
      const outputTokens = Math.min(numberIn(body, "max_tokens"), Math.ceil(answerTokens.value));
      return { inputTokens, outputTokens, tokens: inputTokens + outputTokens };
    },
    usage(result): BatchCost | null {
      if (!isJsonObject(result) || !isJsonObject(result["usage"])) return null;
      const { usage } = result;
      // What is read from the cache does not count.
      const inputTokens = numberIn(usage, "input_tokens") + numberIn(usage, "cache_creation_input_tokens");
      const outputTokens = numberIn(usage, "output_tokens");
      answerTokens.add(outputTokens);
      return { inputTokens, outputTokens, tokens: inputTokens + outputTokens };
    },
    accepts: (result) => isJsonObject(result) && Array.isArray(result["content"]),
    join: joinAnthropicMessages,
    judge({ status, body }): Verdict | null {
      if (status === 401 || status === 402 || status === 403) return "stop";
      if (status === 400 && body?.includes("credit balance is too low") === true) return "stop";
      return status === 429 || status === 529 ? "limited" : null;
    },
  };
}

function bodyOf(value: unknown, item: ItemInfo): JsonObject {
  if (typeof value === "string") return { messages: [{ role: "user", content: value }] };
  if (isJsonObject(value)) {
    const { prompt, ...rest } = withoutId(value);
    if (Array.isArray(rest["messages"])) return rest;
    if (typeof prompt === "string") return { ...rest, messages: [{ role: "user", content: prompt }] };
  }
  throw unusable(item, '"messages" or "prompt"');
}
