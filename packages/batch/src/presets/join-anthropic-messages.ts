import type { ServerSentEvent } from "@tsyncio/http";
import { type Coroutine, coroutine } from "tsyncio";
import { Pull } from "../input/pull.ts";
import { AnswerError, brokenOff } from "./answer-error.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";
import { readToEnd } from "./read-to-end.ts";

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Which part of a block a delta continues. */
const CONTINUES: Readonly<Record<string, string>> = {
  text_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "signature",
  input_json_delta: "partial_json",
};

/** The events of a streamed message as the message that they are parts of. */
export function joinAnthropicMessages(events: AsyncIterable<ServerSentEvent>): Coroutine<JsonObject> {
  return joining(events);
}

const joining: typeof joinAnthropicMessages = coroutine(function* joinAnthropicMessages(
  events: AsyncIterable<ServerSentEvent>,
) {
  const message = new Message();
  const arriving = new Pull(events);
  try {
    for (;;) {
      const { done, value: event } = yield* arriving.next();
      if (done === true) throw brokenOff("the message");
      const data: unknown = event.json();
      if (isJsonObject(data) && message.add(data)) break;
    }
    yield* readToEnd(arriving);
    return message.whole();
  } finally {
    yield* arriving.close();
  }
});

class Message {
  #head: JsonObject | null = null;
  readonly #blocks: JsonObject[] = [];

  /** Whether it was the last event. */
  add(event: JsonObject): boolean {
    const index = event["index"] as number;
    switch (event["type"]) {
      case "message_start":
        this.#head = { ...(event["message"] as JsonObject) };
        break;
      case "content_block_start":
        this.#blocks[index] = { ...(event["content_block"] as JsonObject) };
        break;
      case "content_block_delta":
        this.#continue(index, event["delta"] as JsonObject);
        break;
      case "content_block_stop":
        this.#end(index);
        break;
      case "message_delta":
        this.#head = {
          ...this.#head,
          ...(event["delta"] as JsonObject),
          usage: {
            ...(this.#head?.["usage"] as JsonObject | undefined),
            ...(event["usage"] as JsonObject | undefined),
          },
        };
        break;
      case "error":
        throw told(event["error"] as JsonObject);
      case "message_stop":
        return true;
    }
    return false;
  }

  #continue(index: number, delta: JsonObject): void {
    const block = this.#blocks[index];
    if (block === undefined) return;
    const kind = String(delta["type"]);
    if (kind === "citations_delta") {
      const before = Array.isArray(block["citations"]) ? (block["citations"] as unknown[]) : [];
      block["citations"] = [...before, delta["citation"]];
      return;
    }
    const field = CONTINUES[kind];
    if (field === undefined) return;
    const source = kind === "input_json_delta" ? "partial_json" : field;
    block[field] = `${typeof block[field] === "string" ? block[field] : ""}${String(delta[source] ?? "")}`;
  }

  #end(index: number): void {
    const block = this.#blocks[index];
    if (block === undefined || !("partial_json" in block)) return;
    const { partial_json: json, ...rest } = block;
    this.#blocks[index] = { ...rest, input: json === "" ? {} : (JSON.parse(json as string) as unknown) };
  }

  whole(): JsonObject {
    if (this.#head === null) throw brokenOff("the message");
    return { ...this.#head, content: this.#blocks.filter((block) => block !== undefined) };
  }
}

function told(error: JsonObject): AnswerError {
  const status = STATUSES[String(error["type"])] ?? 500;
  return new AnswerError(`Cannot read the answer: ${String(error["message"])}`, status, JSON.stringify({ error }));
}
