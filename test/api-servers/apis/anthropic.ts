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

const NAMES: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};
const TYPES: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "Invalid request"],
  401: ["authentication_error", "invalid x-api-key"],
  404: ["not_found_error", "Not found"],
  413: ["request_too_large", "Request exceeds the maximum size"],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "Request timed out"],
  529: ["overloaded_error", "Overloaded"],
};

const hex = (serial: number): string => serial.toString(16).padStart(12, "0");

function failure(status: number, serial: number, message?: string): Failure {
  const [type, usual] = TYPES[status] ?? ["api_error", `Status ${status}`];
  return {
    status,
    headers: {},
    body: { type: "error", error: { type, message: message ?? usual }, request_id: `req_${hex(serial)}` },
  };
}

const event = (type: string, rest: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

function messages({ headers, body, serial }: Question, { key, answer }: AnswerOptions): Reply | Failure {
  const invalid = (message: string): Failure => failure(400, serial, message);
  if (key !== null && headers["x-api-key"] !== key) return failure(401, serial);
  if (headers["anthropic-version"] === undefined) return invalid("anthropic-version: header is required");
  const { model, max_tokens: maxTokens, messages: asked, stream = false, system = "" } = body;
  if (typeof model !== "string") return invalid("model: Field required");
  if (!isCount(maxTokens)) return invalid("max_tokens: Input should be greater than or equal to 1");
  if (!Array.isArray(asked) || asked.length === 0) return invalid("messages: at least one message is required");
  const texts: (string | null)[] = asked.map((message) => textOf(message?.content));
  const missing = texts.indexOf(null);
  if (missing !== -1) return invalid(`messages.${missing}.content: Input should be a valid string`);

  const prompt = texts.at(-1)!;
  const input = texts.reduce((sum, text) => sum + tokensOf(text!) + 3, tokensOf(textOf(system) ?? "") + 3);
  const { text, cut } = limited(answer(prompt), maxTokens);
  const output = tokensOf(text);
  const stop = { stop_reason: cut ? "max_tokens" : "end_turn", stop_sequence: null };
  const usage = (outputTokens: number) => ({
    input_tokens: input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: "standard",
  });
  const shell = { id: `msg_${hex(serial)}`, type: "message", role: "assistant", model };
  const costs = (outputTokens: number) => ({
    requests: 1,
    tokens: input + outputTokens,
    inputTokens: input,
    outputTokens,
  });
  const reply = { prompt, used: costs(output), reserved: costs(maxTokens) };
  if (stream !== true)
    return { ...reply, body: { ...shell, content: [{ type: "text", text }], ...stop, usage: usage(output) } };
  const empty = { ...shell, content: [], stop_reason: null, stop_sequence: null, usage: usage(1) };
  return {
    ...reply,
    body: [
      event("message_start", { message: empty }),
      event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      event("ping"),
      ...piecesOf(text).map((piece) =>
        event("content_block_delta", { index: 0, delta: { type: "text_delta", text: piece } }),
      ),
      event("content_block_stop", { index: 0 }),
      event("message_delta", { delta: stop, usage: { output_tokens: output } }),
      event("message_stop"),
    ],
  };
}

function limitHeaders({ limits }: Admission): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { dimension, limit, state } of limits) {
    const name = `anthropic-ratelimit-${NAMES[dimension]}`;
    headers[`${name}-limit`] = String(limit);
    headers[`${name}-remaining`] = String(Math.floor(state.remaining));
    // RFC 3339, in whole seconds: rounded up, for it is not there before.
    const reset = Math.ceil((Date.now() + state.reset) / 1000) * 1000;
    headers[`${name}-reset`] = new Date(reset).toISOString().replace(".000Z", "Z");
  }
  return headers;
}

/**
 * Anthropic's messages.
 *
 * @see https://docs.anthropic.com/en/api/messages-streaming
 * @see https://docs.anthropic.com/en/api/rate-limits
 * @see https://docs.anthropic.com/en/api/errors
 */
export const anthropic: Api = {
  paths: { "/v1/messages": messages },
  headers: (serial) => ({ "request-id": `req_${hex(serial)}`, "anthropic-organization-id": "local" }),
  limitHeaders,
  refusal({ refusedBy, wait, limits }, serial) {
    const { limit } = limits.find(({ dimension }) => dimension === refusedBy)!;
    const of = NAMES[refusedBy!].replace("-", " ");
    const message = `This request would exceed your organization's rate limit of ${limit} ${of} per minute.`;
    return {
      status: 429,
      headers: { "retry-after": String(inSeconds(wait)) },
      body: { type: "error", error: { type: "rate_limit_error", message }, request_id: `req_${hex(serial)}` },
    };
  },
  failure(status, serial, message) {
    if (status === 502 || status === 503) return { status, headers: {}, body: `<html><h1>${status}</h1></html>` };
    return failure(status, serial, message);
  },
  quota: (serial) =>
    failure(400, serial, "Your credit balance is too low to access the API. Please go to Plans & Billing."),
  errorEvent: (serial) =>
    event("error", {
      error: { type: "overloaded_error", message: "Overloaded" },
      request_id: `req_${hex(serial)}`,
    }),
};
