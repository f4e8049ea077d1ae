import type { BatchCost, BatchRequest, ItemInfo } from "../request/batch-request.ts";
import { type ApiAccess, checkModel, endpoint, keyOf } from "./api-access.ts";
import type { BatchPreset } from "./batch-preset.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { type JsonObject, isJsonObject, numberIn } from "./json-object.ts";
import { bodyOfBatchLine, unusable, withoutId } from "./openai-body.ts";
import { judgeOpenAi } from "./openai-judge.ts";

/** Options of `openAiEmbeddings`. The key is by default that of the variable OPENAI_API_KEY. */
export interface OpenAiEmbeddingsOptions extends ApiAccess {
  /** The model, for items that do not name one. */
  readonly model: string;
  /** Further parameters of every request, such as `{ dimensions: 256 }`; those of an item go before. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * Embeddings of OpenAI, and of every server that speaks as it does (set `baseUrl`). An item is a text, or has `input` (a text or
 * several) or `text`, or is a line of OpenAI's own batch files. The result is the answer: `result.data[0].embedding`.
 *
 * Limits: `requests` and `tokens`, of which a request is expected to take one for each four bytes of its texts.
 *
 * @throws {TypeError} without a model, without a key for the service itself, and for an address that is none.
 * @see https://platform.openai.com/docs/api-reference/embeddings
 */
export function openAiEmbeddings(options: OpenAiEmbeddingsOptions): BatchPreset {
  const { parameters = {} } = options;
  const model = checkModel(options.model);
  const url = endpoint(options, "https://api.openai.com/v1", "/embeddings");
  const key = keyOf(options, "OPENAI_API_KEY");
  const headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...options.headers };
  return {
    name: "openai-embeddings",
    idField: "custom_id",
    request(value, item): BatchRequest {
      return { url, method: "POST", headers, json: { model, ...parameters, ...bodyOf(value, item) } };
    },
    cost({ json }): BatchCost {
      const { input } = json as JsonObject;
      return { tokens: estimateTokens(typeof input === "string" ? input : JSON.stringify(input)) };
    },
    usage(result): BatchCost | null {
      if (!isJsonObject(result) || !isJsonObject(result["usage"])) return null;
      return { tokens: numberIn(result["usage"], "total_tokens") || numberIn(result["usage"], "prompt_tokens") };
    },
    accepts: (result) => isJsonObject(result) && Array.isArray(result["data"]),
    judge: judgeOpenAi,
  };
}

function bodyOf(value: unknown, item: ItemInfo): JsonObject {
  const ready = bodyOfBatchLine(value);
  if (ready !== null) return ready;
  if (typeof value === "string") return { input: value };
  if (isJsonObject(value)) {
    const { text, ...rest } = withoutId(value);
    if (typeof rest["input"] === "string" || Array.isArray(rest["input"])) return rest;
    if (typeof text === "string") return { ...rest, input: text };
  }
  throw unusable(item, '"input" or "text"');
}
