import { type ServerSentEvent, parseEvents } from "@tsyncio/http";
import { run } from "tsyncio";
import { describe, expect, test } from "vitest";
import { joinAnthropicMessages } from "../../src/presets/join-anthropic-messages.ts";
import { joinOpenAiChat } from "../../src/presets/join-openai-chat.ts";

/** Events with these data. */
function events(...data: unknown[]): AsyncIterable<ServerSentEvent> {
  async function* body() {
    for (const one of data) yield Buffer.from(`data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`);
  }
  return parseEvents(body());
}

const chunk = (delta: object, more: object = {}) => ({
  id: "c",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});

describe("chat completions in chunks", () => {
  test("have their tool calls joined by index, and texts continued", () =>
    run(async () => {
      const whole = await joinOpenAiChat(
        events(
          chunk({
            role: "assistant",
            content: null,
            tool_calls: [{ index: 0, id: "t1", type: "function", function: { name: "f", arguments: "" } }],
          }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
          chunk({ tool_calls: [{ index: 1, id: "t2", type: "function", function: { name: "g", arguments: "{}" } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: "1}" } }], reasoning_content: "so " }),
          chunk({ reasoning_content: "be it" }, { finish_reason: "tool_calls" }),
          { id: "c", model: "m", choices: [], usage: { total_tokens: 9 } },
          "[DONE]",
        ),
      );
      expect(whole).toEqual({
        id: "c",
        model: "m",
        object: "chat.completion",
        usage: { total_tokens: 9 },
        choices: [
          {
            index: 0,
            finish_reason: "tool_calls",
            message: {
              role: "assistant",
              content: null,
              reasoning_content: "so be it",
              tool_calls: [
                { index: 0, id: "t1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
                { index: 1, id: "t2", type: "function", function: { name: "g", arguments: "{}" } },
              ],
            },
          },
        ],
      });
    }));

  test("may end without [DONE] when every choice has ended, and not before", () =>
    run(async () => {
      const ended = await joinOpenAiChat(
        events(chunk({ content: "a" }), chunk({ content: "b" }, { finish_reason: "stop" })),
      );
      expect((ended["choices"] as any)[0].message.content).toBe("ab");
      await expect(Promise.resolve(joinOpenAiChat(events(chunk({ content: "a" }))))).rejects.toThrow(
        "Cannot read the answer: its stream ended before the completion",
      );
      await expect(Promise.resolve(joinOpenAiChat(events("[DONE]")))).rejects.toThrow("ended before the completion");
    }));

  test("may tell of an error, which has the status that it would have had", () =>
    run(async () => {
      const error = { message: "slow down", type: "requests", code: "rate_limit_exceeded" };
      await expect(Promise.resolve(joinOpenAiChat(events(chunk({ content: "a" }), { error })))).rejects.toMatchObject({
        message: "Cannot read the answer: slow down",
        status: 429,
        body: JSON.stringify({ error }),
      });
    }));
});

describe("a message in events", () => {
  const start = {
    type: "message_start",
    message: { id: "m", role: "assistant", content: [], usage: { input_tokens: 5, output_tokens: 1 } },
  };
  const end = [
    { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 20 } },
    { type: "message_stop" },
  ];
  const block = (index: number, content_block: object) => ({ type: "content_block_start", index, content_block });
  const delta = (index: number, what: object) => ({ type: "content_block_delta", index, delta: what });
  const stop = (index: number) => ({ type: "content_block_stop", index });

  test("has its thoughts, its texts with citations, and the input of its tools", () =>
    run(async () => {
      const whole = await joinAnthropicMessages(
        events(
          start,
          block(0, { type: "thinking", thinking: "", signature: "" }),
          delta(0, { type: "thinking_delta", thinking: "hm" }),
          { type: "ping" },
          delta(0, { type: "thinking_delta", thinking: "m" }),
          delta(0, { type: "signature_delta", signature: "xyz" }),
          stop(0),
          block(1, { type: "text", text: "" }),
          delta(1, { type: "text_delta", text: "See " }),
          delta(1, { type: "citations_delta", citation: { cited_text: "a" } }),
          delta(1, { type: "text_delta", text: "there" }),
          stop(1),
          block(2, { type: "tool_use", id: "t", name: "f", input: {} }),
          delta(2, { type: "input_json_delta", partial_json: "" }),
          delta(2, { type: "input_json_delta", partial_json: '{"a": [1' }),
          delta(2, { type: "input_json_delta", partial_json: ", 2]}" }),
          stop(2),
          block(3, { type: "tool_use", id: "u", name: "g", input: {} }),
          stop(3),
          ...end,
        ),
      );
      expect(whole).toEqual({
        id: "m",
        role: "assistant",
        stop_reason: "tool_use",
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 20 },
        content: [
          { type: "thinking", thinking: "hmm", signature: "xyz" },
          { type: "text", text: "See there", citations: [{ cited_text: "a" }] },
          { type: "tool_use", id: "t", name: "f", input: { a: [1, 2] } },
          { type: "tool_use", id: "u", name: "g", input: {} },
        ],
      });
    }));

  test("that ends early, or tells of an error, is no message", () =>
    run(async () => {
      await expect(Promise.resolve(joinAnthropicMessages(events(start, end[0])))).rejects.toThrow(
        "ended before the message",
      );
      const error = { type: "overloaded_error", message: "Overloaded" };
      await expect(
        Promise.resolve(joinAnthropicMessages(events(start, { type: "error", error }))),
      ).rejects.toMatchObject({
        message: "Cannot read the answer: Overloaded",
        status: 529,
      });
    }));
});
