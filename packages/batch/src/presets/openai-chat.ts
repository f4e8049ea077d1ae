import type { BatchCost, BatchRequest, ItemInfo } from "../request/batch-request.ts";
import { type ApiAccess, checkModel, endpoint, keyOf } from "./api-access.ts";
import type { BatchPreset } from "./batch-preset.ts";
import { RunningMean, estimateTokens } from "./estimate-tokens.ts";
import { joinOpenAiChat } from "./join-openai-chat.ts";
import { type JsonObject, isJsonObject, numberIn } from "./json-object.ts";
import { bodyOfBatchLine, unusable, withoutId } from "./openai-body.ts";
import { judgeOpenAi } from "./openai-judge.ts";

/** Options of `openAiChat`. The key is by default that of the variable OPENAI_API_KEY. */
export interface OpenAiChatOptions extends ApiAccess {
  /** The model, for items that do not name one. */
  readonly model: string;
  /** A first message for every item that has only a prompt. */
  readonly system?: string;
  /** Whether answers come as streams, which are joined: for answers that take longer than the ways there keep a silent connection. */
  readonly stream?: boolean;
  /** Further parameters of every request, such as `{ temperature: 0, max_tokens: 500 }`; those of an item go before. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What an answer may be expected to have, before one has come. */
const FIRST_GUESS = 256;

/**
 * Chat completions of OpenAI, and of every server that speaks as it does (set `baseUrl`). An item is `{ "prompt": "…" }`, or has
 * `messages`, or is a line of OpenAI's own batch files; what else it has are parameters of its request. The result is the completion.
 *
 * Limits: `requests` and `tokens`. A request is expected to take a token for each four bytes of its messages, and as many for the
 * answer as its `max_tokens` or `max_completion_tokens`, or as answers have had of late.
 *
 * @throws {TypeError} without a model, without a key for the service itself, and for an address that is none.
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function openAiChat(options: OpenAiChatOptions): BatchPreset {
  const { system, stream = false, parameters = {} } = options;
  const model = checkModel(options.model);
  const url = endpoint(options, "https://api.openai.com/v1", "/chat/completions");
  const key = keyOf(options, "OPENAI_API_KEY");
  const headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...options.headers };
  const answerTokens = new RunningMean(FIRST_GUESS);

  const bodyOf = (value: unknown, item: ItemInfo): JsonObject => {
    const ready = bodyOfBatchLine(value);
    if (ready !== null) return ready;
    if (typeof value === "string") return { messages: prompted(value, system) };
    if (isJsonObject(value)) {
      const { prompt, ...rest } = withoutId(value);
      if (Array.isArray(rest["messages"])) return rest;
      if (typeof prompt === "string") return { ...rest, messages: prompted(prompt, system) };
    }
    throw unusable(item, '"messages" or "prompt"');
  };

  return {
    name: "openai-chat",
    idField: "custom_id",
    request(value, item): BatchRequest {
      const body = { model, ...parameters, ...bodyOf(value, item) };
      const json = stream ? { ...body, stream: true, stream_options: { include_usage: true } } : body;
      return { url, method: "POST", headers, json };
    },
    cost({ json }): BatchCost {
      const body = json as JsonObject;
      const most = numberIn(body, "max_completion_tokens") || numberIn(body, "max_tokens");
      const times = numberIn(body, "n") || 1;
      return {
        tokens: estimateTokens(JSON.stringify(body["messages"])) + times * (most || Math.ceil(answerTokens.value)),
      };
    },
    usage(result): BatchCost | null {
      if (!isJsonObject(result) || !isJsonObject(result["usage"])) return null;
      answerTokens.add(numberIn(result["usage"], "completion_tokens"));
      return { tokens: numberIn(result["usage"], "total_tokens") };
    },
    accepts: (result) => isJsonObject(result) && Array.isArray(result["choices"]),
    join: joinOpenAiChat,
    judge: judgeOpenAi,
  };
}

function prompted(prompt: string, system: string | undefined): JsonObject[] {
  const user = { role: "user", content: prompt };
  return system === undefined ? [user] : [{ role: "system", content: system }, user];
}
