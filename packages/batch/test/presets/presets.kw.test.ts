import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BatchOptions,
  type BatchPreset,
  anthropicMessages,
  batch,
  openAiChat,
  openAiEmbeddings,
} from "@tsyncio/batch";
import { run } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { embedding } from "../../../../test/api-servers/apis/openai.ts";
import type { Fault } from "../../../../test/api-servers/faults.ts";
import { ApiServer, type ApiServerOptions } from "../../../../test/api-servers/index.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-presets-"));
  output = join(folder, "results.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const KEY = "sk-secret";
type Make = (server: ApiServer, more?: object) => BatchPreset;
const chat: Make = ({ url }, more) => openAiChat({ model: "m", baseUrl: `${url}/v1`, apiKey: KEY, ...more });
const embeddings: Make = ({ url }, more) =>
  openAiEmbeddings({ model: "m", baseUrl: `${url}/v1/`, apiKey: KEY, ...more });
const messages: Make = ({ url }, more) => anthropicMessages({ model: "m", baseUrl: url, apiKey: KEY, ...more });

const results = () =>
  readFileSync(output, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .toSorted((a, b) => a.line - b.line);

async function withServer(options: ApiServerOptions, body: (server: ApiServer) => PromiseLike<void>): Promise<void> {
  const server = await ApiServer.listening({ key: KEY, ...options });
  try {
    await run(() => body(server));
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** Sends items and gives their results. */
async function send(items: unknown[], preset: BatchPreset, more: Partial<BatchOptions> = {}) {
  const report = await batch(items, { preset, output, retry: { delay: { initial: 1 } }, ...more });
  return { report, results: results() };
}

describe("openAiChat", () => {
  test("makes a chat of a text, a prompt, messages and a line of a batch file", () =>
    withServer({}, async (server) => {
      const lines = [
        "a text",
        { prompt: "a prompt", max_tokens: 2 },
        { messages: [{ role: "user", content: "a message" }] },
        {
          custom_id: "mine",
          method: "POST",
          url: "/v1/chat/completions",
          body: { model: "own", messages: [{ role: "user", content: "a line" }] },
        },
        { question: "nothing of it" },
      ];
      const { report, results } = await send(lines, chat(server, { system: "Be short" }));
      expect(results.map(({ id, result }) => [id, result.model, result.choices[0].message.content])).toEqual([
        [1, "m", "You said: a text"],
        [2, "m", "You said"],
        [3, "m", "You said: a message"],
        ["mine", "own", "You said: a line"],
      ]);
      expect(report.faults).toEqual([
        { line: 5, message: 'Cannot make a request of line 5: expected "messages" or "prompt"' },
      ]);
      const tokens = results.reduce((sum, { usage }) => sum + usage.tokens, 0);
      expect(report.usage).toEqual({ tokens });
      expect(tokens).toBe(results.reduce((sum, { result }) => sum + result.usage.total_tokens, 0));
    }));

  test("joins a stream to what comes without one", () =>
    withServer({}, async (server) => {
      const items = [{ prompt: "the same words", n: 2 }, { prompt: "and others" }];
      const streamed = (await send(items, chat(server, { stream: true }))).results;
      rmSync(output);
      const whole = (await send(items, chat(server))).results;
      const said = ({ result: { object, model, usage, choices } }: any) => ({
        object,
        model,
        tokens: usage.total_tokens,
        choices: choices.map(({ index, message, finish_reason }: any) => [
          index,
          message.role,
          message.content,
          finish_reason,
        ]),
      });
      expect(streamed.map(said)).toEqual(whole.map(said));
      expect(server.log.requests.filter(({ stream }) => stream)).toHaveLength(2);
    }));

  test("expects of an answer what answers have had of late, or what they may have at most", () =>
    withServer({ answerTokens: 40 }, async (server) => {
      const preset = chat(server);
      const item = { id: 1, line: 1 };
      const tokens = (value: unknown) => preset.cost!(preset.request(value, item) as never)["tokens"]!;
      const before = tokens("hello");
      expect(tokens({ prompt: "hello", max_tokens: 7 }) - tokens({ prompt: "hello", max_tokens: 5 })).toBe(2);
      expect(tokens({ prompt: "hello", max_tokens: 5, n: 3 }) - tokens({ prompt: "hello", max_tokens: 5 })).toBe(10);
      await send(
        Array.from({ length: 5 }, (_, i) => `${i}`),
        preset,
      );
      expect(before - tokens("hello")).toBe(256 - 40);
    }));
});

describe("openAiEmbeddings", () => {
  test("embeds texts, several at once too", () =>
    withServer({}, async (server) => {
      const { report, results } = await send(
        ["one", { text: "two" }, { input: ["three", "four"] }, 5],
        embeddings(server),
      );
      expect(results.map(({ result }) => result.data.length)).toEqual([1, 1, 2]);
      expect(results[0].result.data[0].embedding).toEqual(embedding("one"));
      expect(report).toMatchObject({ succeeded: 3, faults: [{ line: 4 }] });
      expect(results[0].usage).toEqual({ tokens: results[0].result.usage.total_tokens });
    }));
});

describe("anthropicMessages", () => {
  test("makes messages of a text, a prompt and messages, and counts both ways", () =>
    withServer({}, async (server) => {
      const items = [
        "a text",
        { prompt: "a prompt", max_tokens: 100 },
        { messages: [{ role: "user", content: "a message" }] },
        {},
      ];
      const { report, results } = await send(items, messages(server, { system: "Be short" }));
      expect(results.map(({ result }) => result.content)).toEqual([
        [{ type: "text", text: "You said: a text" }],
        [{ type: "text", text: "You said: a prompt" }],
        [{ type: "text", text: "You said: a message" }],
      ]);
      expect(report.faults).toEqual([
        { line: 4, message: 'Cannot make a request of line 4: expected "messages" or "prompt"' },
      ]);
      const { usage, result } = results[0];
      expect(usage).toEqual({
        inputTokens: result.usage.input_tokens,
        outputTokens: result.usage.output_tokens,
        tokens: result.usage.input_tokens + result.usage.output_tokens,
      });
    }));

  test("joins a stream to what comes without one", () =>
    withServer({}, async (server) => {
      const streamed = (await send(["the same words"], messages(server, { stream: true }))).results;
      rmSync(output);
      const whole = (await send(["the same words"], messages(server))).results;
      const { id: _, ...one } = streamed[0].result;
      const { id: __, ...other } = whole[0].result;
      expect(one).toEqual(other);
      expect(server.log.requests.map(({ stream }) => stream)).toEqual([true, false]);
    }));
});

const APIS: [name: string, make: Make][] = [
  ["openAiChat", chat],
  ["openAiChat, streamed", (server, more) => chat(server, { stream: true, ...more })],
  ["openAiEmbeddings", embeddings],
  ["anthropicMessages", messages],
  ["anthropicMessages, streamed", (server, more) => messages(server, { stream: true, ...more })],
];
const PASSING: Fault[] = [429, 500, 502, 503, 504, 529, "reset", "cut", "end", "error-event", "html"];

describe.each(APIS)("%s", (preset, make) => {
  test.each(PASSING)("sends again what meets %o", (fault) =>
    withServer({ retryAfter: "none", faults: { script: { hello: [fault] } } }, async (server) => {
      const { report, results } = await send(["hello"], make(server));
      expect(report).toMatchObject({ complete: true, succeeded: 1, failed: 0 });
      expect(server.log.of("hello")).toHaveLength(2);
      expect(results[0].attempts).toBe(2);
      expect(report.limited).toBe(
        fault === 429 || fault === 529 || (fault === "error-event" && preset === "anthropicMessages, streamed") ? 1 : 0,
      );
    }),
  );

  test("waits as often as it has to while the server is overloaded, and counts it as no attempt", () =>
    withServer({ retryAfter: "none", faults: { script: { hello: [529, 529, 529, 529, 500] } } }, async (server) => {
      const { report } = await send(["hello"], make(server), { retry: { attempts: 2, delay: { initial: 1 } } });
      expect(report).toMatchObject({ succeeded: 1, failed: 0, attempts: 6, limited: 4 });
    }));

  test("stops when the key is wrong, and records nothing", () =>
    withServer({}, async (server) => {
      const { report, results } = await send(["a", "b", "c"], make(server, { apiKey: "other" }), { concurrency: 1 });
      expect(report).toMatchObject({ complete: false, succeeded: 0, failed: 0, attempts: 1 });
      expect(report.stopped).toMatch(/status 401/);
      expect(results).toEqual([]);
    }));
});

test.each(APIS.slice(0, 3))("%s stops when there is no money left, and records nothing", (_, make) =>
  withServer({ faults: { script: { b: ["quota"] } } }, async (server) => {
    const { report, results } = await send(["a", "b", "c"], make(server), { concurrency: 1 });
    expect(report).toMatchObject({ complete: false, succeeded: 1, failed: 0, attempts: 2 });
    expect(report.stopped).toMatch(/status 429/);
    expect(results).toHaveLength(1);
  }),
);

const CHUNK = { id: "c", choices: [{ index: 0, delta: { content: "hello" }, finish_reason: "stop" }] };
const MESSAGE = [{ type: "message_start", message: { id: "m", content: [], usage: {} } }, { type: "message_stop" }];

test.each<[string, Make, unknown[]]>([
  ["openAiChat", chat, [CHUNK, "[DONE]"]],
  ["anthropicMessages", messages, MESSAGE],
])(
  "%s uses the connection of a stream again, whose end comes a little after its last event",
  async (_, make, events) => {
    let connections = 0;
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of events)
        response.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
      setTimeout(() => response.end(), 20);
    }).on("connection", () => connections++);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { report } = await run(() =>
      send(["a", "b", "c"], make({ url } as ApiServer, { stream: true }), { concurrency: 1 }),
    );
    server.close();
    expect([report.succeeded, connections]).toEqual([3, 1]);
  },
);

describe("options that have no meaning are refused at the call:", () => {
  afterEach(() => {
    delete process.env["OPENAI_API_KEY"];
  });

  test("no model, an address that is none, no key", () => {
    expect(() => openAiChat({ model: "", baseUrl: "http://a" })).toThrow(
      new TypeError("Cannot use model : expected a name"),
    );
    expect(() => openAiEmbeddings({ model: "m", baseUrl: "localhost:80" })).toThrow(
      new TypeError("Cannot use the API at localhost:80: expected an address such as https://api.openai.com/v1"),
    );
    expect(() => anthropicMessages({ model: "m", baseUrl: "http://a", maxTokens: 0 })).toThrow(RangeError);
    delete process.env["OPENAI_API_KEY"];
    expect(() => openAiChat({ model: "m" })).toThrow(
      new TypeError("Cannot use the API without a key: pass apiKey, or set the variable OPENAI_API_KEY"),
    );
  });

  test("a key of the environment is used", () => {
    process.env["OPENAI_API_KEY"] = "from the environment";
    const { headers } = openAiChat({ model: "m" }).request("x", { id: 1, line: 1 }) as {
      headers: Record<string, string>;
    };
    expect(headers["authorization"]).toBe("Bearer from the environment");
  });
});
