import type { Admission, Dimension } from "../limits/account.ts";
import {
  type Api,
  type Failure,
  inSeconds,
  isCount,
  limited,
  piecesOf,
  type Question,
  textOf,
  tokensOf,
} from "./api.ts";
import type { AnswerOptions, Reply } from "./api.ts";
import { fraction } from "../faults.ts";

const NAMES: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};
const SHORT: Readonly<Record<Dimension, string>> = {
  requests: "requests per min (RPM)",
  tokens: "tokens per min (TPM)",
  inputTokens: "input tokens per min (ITPM)",
  outputTokens: "output tokens per min (OTPM)",
};
const MESSAGES: Readonly<Record<number, string>> = {
  500: "The server had an error while processing your request. Sorry about that!",
  503: "The engine is currently overloaded, please try again later",
};
const DIMENSIONS_OF_EMBEDDING = 16;

/** As OpenAI writes a time: "6m0s", "1.204s", "20ms". */
export function duration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = (whole % 60_000) / 1000;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}

const hex = (serial: number): string => serial.toString(16).padStart(12, "0");

function problem(
  status: number,
  type: string,
  code: string | null,
  message: string,
  param: string | null = null,
): Failure {
  return { status, headers: {}, body: { error: { message, type, param, code } } };
}
const invalid = (message: string, param: string): Failure =>
  problem(400, "invalid_request_error", null, message, param);

/** The key, and what every request has; null when nothing is wrong. */
function wrong({ headers, body }: Question, { key }: AnswerOptions): Failure | null {
  if (key !== null && headers.authorization !== `Bearer ${key}`)
    return problem(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
  if (typeof body["model"] !== "string") return invalid("you must provide a model parameter", "model");
  return null;
}

function chat(question: Question, options: AnswerOptions): Reply | Failure {
  const { body, serial } = question;
  const fault = wrong(question, options);
  if (fault !== null) return fault;
  const { messages, stream = false } = body;
  if (!Array.isArray(messages) || messages.length === 0)
    return invalid("Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages");
  const texts: (string | null)[] = messages.map((message) => textOf(message?.content));
  const missing = texts.indexOf(null);
  if (missing !== -1)
    return invalid(`Invalid value for 'content': expected a string, got null.`, `messages.[${missing}].content`);
  const maxTokens: unknown = body["max_completion_tokens"] ?? body["max_tokens"] ?? null;
  if (maxTokens !== null && !isCount(maxTokens))
    return invalid("Invalid 'max_tokens': integer below minimum value. Expected a value >= 1.", "max_tokens");
  if (body["stream_options"] !== undefined && stream !== true)
    return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");

  const prompt = texts.at(-1)!;
  const input = texts.reduce((sum, text) => sum + tokensOf(text!) + 3, 3);
  const { text, cut } = limited(options.answer(prompt), maxTokens);
  const output = tokensOf(text);
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
  const shell = {
    id: `chatcmpl-${hex(serial)}`,
    object: stream === true ? "chat.completion.chunk" : "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: body["model"],
    service_tier: "default",
    system_fingerprint: null,
  };
  const finish = cut ? "length" : "stop";
  const costs = (outputTokens: number) => ({
    requests: 1,
    tokens: input + outputTokens,
    inputTokens: input,
    outputTokens,
  });
  const reply = { prompt, used: costs(output), reserved: costs(maxTokens ?? output) };
  if (stream !== true) {
    const message = { role: "assistant", content: text, refusal: null, annotations: [] };
    return {
      ...reply,
      body: { ...shell, choices: [{ index: 0, message, logprobs: null, finish_reason: finish }], usage },
    };
  }
  const withUsage = body["stream_options"]?.include_usage === true;
  const chunk = (delta: object, finish_reason: string | null): string =>
    data({
      ...shell,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(withUsage ? { usage: null } : {}),
    });
  return {
    ...reply,
    body: [
      chunk({ role: "assistant", content: "", refusal: null }, null),
      ...piecesOf(text).map((content) => chunk({ content }, null)),
      chunk({}, finish),
      ...(withUsage ? [data({ ...shell, choices: [], usage })] : []),
      "data: [DONE]\n\n",
    ],
  };
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

function embeddings(question: Question, options: AnswerOptions): Reply | Failure {
  const { body } = question;
  const fault = wrong(question, options);
  if (fault !== null) return fault;
  const inputs: readonly unknown[] = Array.isArray(body["input"]) ? body["input"] : [body["input"]];
  if (inputs.length === 0 || inputs.some((input) => typeof input !== "string" || input === ""))
    return invalid("'$.input' is invalid. Please check the API reference.", "input");
  const texts = inputs as readonly string[];
  const dimensions: unknown = body["dimensions"] ?? DIMENSIONS_OF_EMBEDDING;
  if (!isCount(dimensions)) return invalid("Invalid 'dimensions': expected a value >= 1.", "dimensions");
  const base64 = body["encoding_format"] === "base64";
  const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
  const costs = { requests: 1, tokens, inputTokens: tokens, outputTokens: 0 };
  return {
    prompt: texts.join("\n"),
    used: costs,
    reserved: costs,
    body: {
      object: "list",
      data: texts.map((text, index) => {
        const vector = embedding(text, dimensions);
        const shown = base64 ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector;
        return { object: "embedding", index, embedding: shown };
      }),
      model: body["model"],
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
  };
}

/** A vector of length 1, always the same for a text. */
export function embedding(text: string, dimensions: number = DIMENSIONS_OF_EMBEDDING): number[] {
  const raw = Array.from({ length: dimensions }, (_, i) => fraction(`${i} ${text}`) - 0.5);
  const length = Math.hypot(...raw);
  return raw.map((x) => x / length);
}

function limitHeaders({ limits }: Admission): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { dimension, limit, state } of limits) {
    headers[`x-ratelimit-limit-${NAMES[dimension]}`] = String(limit);
    headers[`x-ratelimit-remaining-${NAMES[dimension]}`] = String(Math.floor(state.remaining));
    headers[`x-ratelimit-reset-${NAMES[dimension]}`] = duration(state.reset);
  }
  return headers;
}

/**
 * OpenAI's chat completions and embeddings, and those of the many who are compatible.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 * @see https://platform.openai.com/docs/guides/rate-limits
 */
export const openai: Api = {
  paths: { "/v1/chat/completions": chat, "/v1/embeddings": embeddings },
  headers: (serial) => ({
    "x-request-id": `req_${hex(serial)}`,
    "openai-version": "2020-10-01",
    "openai-organization": "local",
  }),
  limitHeaders,
  refusal({ refusedBy, wait, limits }) {
    const { limit, state } = limits.find(({ dimension }) => dimension === refusedBy)!;
    const type = refusedBy === "requests" ? "requests" : "tokens";
    const message =
      `Rate limit reached for the model in organization local on ${SHORT[refusedBy!]}: Limit ${limit}, ` +
      `Used ${Math.ceil(limit - state.remaining)}. Please try again in ${duration(wait)}.`;
    return {
      ...problem(429, type, "rate_limit_exceeded", message),
      headers: { "retry-after": String(inSeconds(wait)), "retry-after-ms": String(Math.ceil(wait)) },
    };
  },
  failure(status, _serial, message = MESSAGES[status] ?? `Status ${status}`) {
    if (status === 502 || status === 504) return { status, headers: {}, body: `<html><h1>${status}</h1></html>` };
    return problem(status, status >= 500 ? "server_error" : "invalid_request_error", null, message);
  },
  quota: () =>
    problem(
      429,
      "insufficient_quota",
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details.",
    ),
  errorEvent: () => data({ error: { message: MESSAGES[500], type: "server_error", param: null, code: null } }),
};
