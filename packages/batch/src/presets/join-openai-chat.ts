import type { ServerSentEvent } from "@tsyncio/http";
import { type Coroutine, coroutine } from "tsyncio";
import { Pull } from "../input/pull.ts";
import { AnswerError, brokenOff } from "./answer-error.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";
import { readToEnd } from "./read-to-end.ts";

/** Texts that name something: what comes later does not continue them. */
const NAMES = new Set(["id", "role", "type", "name", "object", "model"]);
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  tokens: 429,
  requests: 429,
};

/** The chunks of a streamed chat completion as the completion that they are parts of. */
export function joinOpenAiChat(events: AsyncIterable<ServerSentEvent>): Coroutine<JsonObject> {
  return joining(events);
}

const joining: typeof joinOpenAiChat = coroutine(function* joinOpenAiChat(events: AsyncIterable<ServerSentEvent>) {
  const completion = new Completion();
  const arriving = new Pull(events);
  try {
    for (;;) {
      const { done, value: event } = yield* arriving.next();
      if (done === true) return completion.whole(false);
      if (event.data === "[DONE]") break;
      completion.add(event.json());
    }
    yield* readToEnd(arriving);
    return completion.whole(true);
  } finally {
    yield* arriving.close();
  }
});

class Completion {
  #head: JsonObject | null = null;
  readonly #choices: JsonObject[] = [];

  add(chunk: unknown): void {
    if (!isJsonObject(chunk)) return;
    if (isJsonObject(chunk["error"])) throw told(chunk["error"]);
    const { choices, ...rest } = chunk;
    this.#head = { ...this.#head, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) };
    if (!Array.isArray(choices)) return;
    for (const choice of choices as unknown[]) if (isJsonObject(choice)) this.#addChoice(choice);
  }

  #addChoice({ index = 0, delta, ...rest }: JsonObject): void {
    const choice = (this.#choices[index as number] ??= { index, message: { role: "assistant", content: null } });
    if (isJsonObject(delta)) merge(choice["message"] as JsonObject, delta);
    merge(choice, rest);
  }

  whole(toldDone: boolean): JsonObject {
    const choices = this.#choices.filter((choice) => choice !== undefined);
    // Not every server says [DONE].
    const ended = choices.length > 0 && choices.every((choice) => typeof choice["finish_reason"] === "string");
    if (this.#head === null || (!toldDone && !ended)) throw brokenOff("the completion");
    return { ...this.#head, object: "chat.completion", choices };
  }
}

/** Texts are continued, lists by the index of their entries; the rest is replaced. */
function merge(into: JsonObject, from: JsonObject): void {
  for (const [key, value] of Object.entries(from)) {
    const before = into[key];
    if (value === null && before !== undefined) continue;
    if (typeof before === "string" && typeof value === "string" && !NAMES.has(key)) into[key] = before + value;
    else if (Array.isArray(value)) into[key] = mergedList(Array.isArray(before) ? before : [], value);
    else if (isJsonObject(before) && isJsonObject(value)) merge(before, value);
    else into[key] = value;
  }
}

function mergedList(before: unknown[], entries: unknown[]): unknown[] {
  const list = [...before];
  for (const entry of entries) {
    const index = isJsonObject(entry) ? entry["index"] : undefined;
    const same =
      typeof index === "number" ? list.find((other) => isJsonObject(other) && other["index"] === index) : undefined;
    if (isJsonObject(same)) merge(same, entry as JsonObject);
    else list.push(entry);
  }
  return list;
}

function told(error: JsonObject): AnswerError {
  const status = STATUSES[String(error["code"])] ?? STATUSES[String(error["type"])] ?? 500;
  return new AnswerError(`Cannot read the answer: ${String(error["message"])}`, status, JSON.stringify({ error }));
}
