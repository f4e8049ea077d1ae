import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parseEvents } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { ApiProcess, ApiServer, type ApiServerOptions, busiestWindow } from "./api-servers/index.ts";
import { duration } from "./api-servers/apis/openai.ts";
import { Faults } from "./api-servers/faults.ts";
import { Account, type AccountLimits } from "./api-servers/limits/account.ts";

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const ANTHROPIC = { "anthropic-version": "2023-06-01" };

/** Asks `prompt` of one of the APIs. */
function ask(server: { readonly url: string }, path: string, prompt: string, more: object = {}, headers: object = {}) {
  const embeds = path === "/v1/embeddings";
  const body = embeds
    ? { model: "m", input: prompt, ...more }
    : { model: "m", max_tokens: 1000, messages: [{ role: "user", content: prompt }], ...more };
  return fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(path === MESSAGES ? ANTHROPIC : {}), ...headers },
    body: JSON.stringify(body),
  });
}

/** The events of a streamed answer. */
async function eventsOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events: { type: string; data: string }[] = [];
  for await (const { type, data } of parseEvents(response.body!)) events.push({ type, data });
  return events;
}

async function served(options: ApiServerOptions, body: (server: ApiServer) => Promise<void>) {
  const server = await ApiServer.listening(options);
  try {
    await body(server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe("chat completions", () => {
  test("are answered in one piece, with what was used", () =>
    served({}, async (server) => {
      const response = await ask(server, CHAT, "hello");
      expect(response.headers.get("x-request-id")).toBe("req_000000000001");
      expect(await response.json()).toMatchObject({
        object: "chat.completion",
        model: "m",
        choices: [{ index: 0, message: { role: "assistant", content: "You said: hello" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 },
      });
    }));

  test("stop at max_tokens, and say so", () =>
    served({ answerTokens: 10 }, async (server) => {
      const { choices, usage } = (await (await ask(server, CHAT, "hello", { max_tokens: 2 })).json()) as any;
      expect(choices[0]).toMatchObject({ message: { content: "hello he" }, finish_reason: "length" });
      expect(usage.completion_tokens).toBe(2);
    }));

  test("are streamed, joined they are the same, and the last chunk before [DONE] has the usage when asked for", () =>
    served({}, async (server) => {
      const stream_options = { include_usage: true };
      const events = await eventsOf(await ask(server, CHAT, "a 😀 longer prompt", { stream: true, stream_options }));
      expect(events.at(-1)).toEqual({ type: "message", data: "[DONE]" });
      const chunks = events.slice(0, -1).map(({ data }) => JSON.parse(data));
      const last = chunks.pop();
      expect(last).toMatchObject({ object: "chat.completion.chunk", choices: [], usage: { total_tokens: 18 } });
      for (const chunk of chunks) expect(chunk.usage).toBeNull();
      expect(chunks.map(({ choices: [choice] }) => choice.delta.content ?? "").join("")).toBe(
        "You said: a 😀 longer prompt",
      );
      expect(chunks.at(-1).choices[0].finish_reason).toBe("stop");
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    }));

  test("streamed without that have no usage", () =>
    served({}, async (server) => {
      const events = await eventsOf(await ask(server, CHAT, "hello", { stream: true }));
      for (const { data } of events.slice(0, -1)) expect(JSON.parse(data)).not.toHaveProperty("usage");
    }));

  test.each([
    [{ model: undefined }, 400, "you must provide a model parameter"],
    [{ messages: [] }, 400, "Invalid 'messages': empty array. Expected an array with minimum length 1."],
    [{ max_tokens: 0 }, 400, "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1."],
    [
      { stream_options: { include_usage: true } },
      400,
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    ],
  ])("with %j are refused", (more, status, message) =>
    served({}, async (server) => {
      const response = await ask(server, CHAT, "hello", more);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { message, type: "invalid_request_error" } });
      expect(server.log.requests).toMatchObject([{ outcome: "invalid", status }]);
    }),
  );
});

test("embeddings are vectors of length 1, the same for the same text, in order", () =>
  served({}, async (server) => {
    const response = await ask(server, "/v1/embeddings", "", { input: ["one", "two", "one"], dimensions: 3 });
    const { data, usage } = (await response.json()) as any;
    expect(data.map(({ index }: any) => index)).toEqual([0, 1, 2]);
    expect(data[0].embedding).toEqual(data[2].embedding);
    expect(data[0].embedding).not.toEqual(data[1].embedding);
    for (const { embedding } of data) expect(Math.hypot(...embedding)).toBeCloseTo(1);
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  }));

test("embeddings in base64 are the same numbers", () =>
  served({}, async (server) => {
    const plain = (await (await ask(server, "/v1/embeddings", "one")).json()) as any;
    const coded = (await (await ask(server, "/v1/embeddings", "one", { encoding_format: "base64" })).json()) as any;
    const bytes = Buffer.from(coded.data[0].embedding, "base64");
    const floats = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
    expect(floats).toEqual(plain.data[0].embedding.map(Math.fround));
  }));

describe("messages", () => {
  test("are answered in one piece, with what was used", () =>
    served({}, async (server) => {
      const response = await ask(server, MESSAGES, "hello", { system: "be kind" });
      expect(response.headers.get("request-id")).toBe("req_000000000001");
      expect(await response.json()).toMatchObject({
        type: "message",
        role: "assistant",
        content: [{ type: "text", text: "You said: hello" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 10, output_tokens: 4 },
      });
    }));

  test("are streamed as events with types, the usage in the first and in the last but one", () =>
    served({}, async (server) => {
      const events = await eventsOf(await ask(server, MESSAGES, "hello", { stream: true, max_tokens: 3 }));
      const data = events.map(({ data }) => JSON.parse(data));
      expect(events.map(({ type }) => type)).toEqual(data.map(({ type }) => type));
      expect(data).toMatchObject([
        {
          type: "message_start",
          message: { content: [], stop_reason: null, usage: { input_tokens: 8, output_tokens: 1 } },
        },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "ping" },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "You said: he" } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 3 } },
        { type: "message_stop" },
      ]);
    }));

  test.each([
    [{}, { "anthropic-version": undefined }, "anthropic-version: header is required"],
    [{ max_tokens: undefined }, {}, "max_tokens: Input should be greater than or equal to 1"],
    [{ messages: [] }, {}, "messages: at least one message is required"],
  ])("with %j and the headers %j are refused", (more, headers, message) =>
    served({}, async (server) => {
      const given = Object.fromEntries(Object.entries({ ...ANTHROPIC, ...headers }).filter(([, value]) => value));
      const response = await fetch(server.url + MESSAGES, {
        method: "POST",
        headers: given as Record<string, string>,
        body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "x" }], ...more }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error", message } });
    }),
  );
});

test("without the key nothing is answered", () =>
  served({ key: "secret" }, async (server) => {
    expect((await ask(server, CHAT, "x")).status).toBe(401);
    expect((await ask(server, CHAT, "x", {}, { authorization: "Bearer secret" })).status).toBe(200);
    const response = await ask(server, MESSAGES, "x");
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: "authentication_error" } });
    expect((await ask(server, MESSAGES, "x", {}, { "x-api-key": "secret" })).status).toBe(200);
  }));

test("what is no JSON, and paths that are not there, are errors of the API", () =>
  served({}, async (server) => {
    const broken = await fetch(server.url + CHAT, { method: "POST", body: "{" });
    expect(broken.status).toBe(400);
    expect((await fetch(server.url + "/v1/nothing", { method: "POST", body: "{}" })).status).toBe(404);
    expect((await fetch(server.url + CHAT)).status).toBe(405);
  }));

/** At which of these times requests of cost 1 are let in. */
function admitted(limits: AccountLimits, times: readonly number[]) {
  const account = new Account({ per: 100, requests: 2, ...limits });
  const costs = { requests: 1, tokens: 1, inputTokens: 1, outputTokens: 0 };
  return times.filter((now) => account.admit(costs, now).refusedBy === null);
}

describe("limits", () => {
  test("of a fixed window begin anew at its end, wherever the requests lay in it", () => {
    expect(admitted({ kind: "fixed-window" }, [0, 98, 99, 100, 101, 102, 350])).toEqual([0, 98, 100, 101, 350]);
  });

  test("of a sliding window hold in every window", () => {
    expect(admitted({ kind: "sliding-window" }, [0, 98, 99, 100, 101, 197, 198, 199, 200])).toEqual([
      0, 98, 100, 198, 200,
    ]);
  });

  test("of a token bucket come back one by one", () => {
    expect(admitted({ kind: "token-bucket" }, [0, 1, 2, 49, 52, 101, 102])).toEqual([0, 1, 52, 101]);
    expect(admitted({ kind: "token-bucket", burst: { requests: 1 } }, [0, 1, 50, 51, 100])).toEqual([0, 50, 100]);
  });

  test("tell how long to wait, and letting that pass is enough", () => {
    for (const kind of ["fixed-window", "sliding-window", "token-bucket"] as const) {
      const account = new Account({ kind, per: 100, requests: 100, tokens: 10 });
      const costs = { requests: 1, tokens: 6, inputTokens: 6, outputTokens: 0 };
      expect(account.admit(costs, 5)).toMatchObject({ refusedBy: null, limits: [{}, { state: { remaining: 4 } }] });
      const { refusedBy, wait } = account.admit(costs, 10);
      expect([kind, refusedBy]).toEqual([kind, "tokens"]);
      expect(account.admit(costs, 10 + wait - 0.5).refusedBy).toBe("tokens");
      expect(account.admit(costs, 10 + wait).refusedBy).toBeNull();
    }
  });

  test("take nothing of any dimension for what another refuses, unless what is refused counts", () => {
    const costs = { requests: 1, tokens: 20, inputTokens: 20, outputTokens: 0 };
    for (const [refusedCount, remaining] of [
      [false, 2],
      [true, 1],
    ] as const) {
      const account = new Account({ per: 100, requests: 2, tokens: 10, refusedCount });
      const { refusedBy, limits } = account.admit(costs, 0);
      expect(refusedBy).toBe("tokens");
      expect(limits[0]!.state.remaining).toBe(remaining);
    }
  });
});

test("OpenAI's limits are in the headers, and the 429 says when to come back", () =>
  served({ limits: { requests: 2, tokens: 1000 } }, async (server) => {
    const first = await ask(server, CHAT, "hello");
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-limit-tokens": "1000",
      "x-ratelimit-remaining-tokens": "988",
      "x-ratelimit-reset-requests": "1m0s",
    });
    await ask(server, CHAT, "hello");
    const refused = await ask(server, CHAT, "hello");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(Number(refused.headers.get("retry-after-ms"))).toBeGreaterThan(50_000);
    expect(await refused.json()).toMatchObject({
      error: {
        type: "requests",
        code: "rate_limit_exceeded",
        message: expect.stringContaining("on requests per min (RPM): Limit 2, Used 2. Please try again in"),
      },
    });
    expect(server.log.of("hello").map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, "answered"],
      [2, "answered"],
      [3, "refused"],
    ]);
  }));

test("Anthropic's limits are in the headers, and the 429 says when to come back", () =>
  served({ limits: { requests: 5, inputTokens: 100, outputTokens: 6 } }, async (server) => {
    const first = await ask(server, MESSAGES, "hello");
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "anthropic-ratelimit-requests-limit": "5",
      "anthropic-ratelimit-requests-remaining": "4",
      "anthropic-ratelimit-input-tokens-remaining": "92",
      "anthropic-ratelimit-output-tokens-remaining": "2",
      "anthropic-ratelimit-output-tokens-reset": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const refused = await ask(server, MESSAGES, "hello");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toMatch(/^(?:5\d|60)$/);
    expect(await refused.json()).toMatchObject({
      type: "error",
      error: {
        type: "rate_limit_error",
        message: "This request would exceed your organization's rate limit of 6 output tokens per minute.",
      },
    });
  }));

test.each([
  ["date", (value: string | null) => new Date(value!).toUTCString() === value],
  ["none", (value: string | null) => value === null],
] as const)("a 429 may say %s", (retryAfter, expected) =>
  served({ limits: { requests: 1 }, retryAfter, limitHeaders: false }, async (server) => {
    await ask(server, CHAT, "hello");
    const refused = await ask(server, CHAT, "hello");
    expect(refused.status).toBe(429);
    expect(expected(refused.headers.get("retry-after"))).toBe(true);
    expect(refused.headers.get("x-ratelimit-limit-requests")).toBeNull();
  }),
);

test("reserved tokens count as many as the request may use", () =>
  served({ limits: { tokens: 1500 }, tokensCounted: "reserved" }, async (server) => {
    expect((await ask(server, CHAT, "hello", { max_tokens: 1000 })).headers.get("x-ratelimit-remaining-tokens")).toBe(
      "492",
    );
    expect((await ask(server, CHAT, "hello", { max_tokens: 1000 })).status).toBe(429);
  }));

test("no window has more than its limit, however hard it is tried", () =>
  served({ limits: { requests: 5, per: 50 } }, async (server) => {
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 5 }, (_, j) => ask(server, CHAT, `${i} ${j}`).then((r) => r.text())));
      await delay(7);
    }
    expect(server.log.count("refused")).toBeGreaterThan(0);
    expect(busiestWindow(server.log.requests, "requests", 50)).toBe(5);
  }));

describe("what goes wrong by plan", () => {
  test.each([
    [CHAT, 500, { error: { type: "server_error" } }],
    [CHAT, 503, { error: { message: "The engine is currently overloaded, please try again later" } }],
    [CHAT, 429, { error: { code: "rate_limit_exceeded" } }],
    [CHAT, "quota", { error: { code: "insufficient_quota" } }],
    [MESSAGES, 500, { error: { type: "api_error" } }],
    [MESSAGES, 529, { error: { type: "overloaded_error", message: "Overloaded" } }],
    [MESSAGES, 429, { error: { type: "rate_limit_error" } }],
  ] as const)("%s answers %s as the API does, and then well", (path, fault, body) =>
    served({ faults: { script: { x: [fault] } } }, async (server) => {
      const response = await ask(server, path, "x");
      expect(response.status).toBe(fault === "quota" ? 429 : fault);
      expect(await response.json()).toMatchObject(body);
      expect((await ask(server, path, "x")).status).toBe(200);
      expect(server.log.of("x").map(({ outcome }) => outcome)).toEqual(["faulted", "answered"]);
    }),
  );

  test("502 is a page of HTML, and so is what a proxy says with 200", () =>
    served({ faults: { script: { x: [502, "html"] } } }, async (server) => {
      for (const status of [502, 200]) {
        const response = await ask(server, CHAT, "x");
        expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/html"]);
      }
    }));

  test("a connection is reset, or breaks in the middle of the body", () =>
    served({ faults: { script: { x: ["reset", "cut", "cut"] } } }, async (server) => {
      await expect(ask(server, CHAT, "x")).rejects.toThrow("fetch failed");
      const cut = await ask(server, CHAT, "x");
      expect(cut.status).toBe(200);
      await expect(cut.text()).rejects.toThrow("terminated");
      await expect(ask(server, CHAT, "x", { stream: true }).then((r) => r.text())).rejects.toThrow("terminated");
      expect(server.log.count("faulted")).toBe(3);
    }));

  test("a body ends early, but properly", () =>
    served({ faults: { script: { x: ["end", "end"] } } }, async (server) => {
      const text = await (await ask(server, CHAT, "x")).text();
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
      const events = await eventsOf(await ask(server, CHAT, "x", { stream: true }));
      expect(events.length).toBeGreaterThan(0);
      expect(events.at(-1)!.data).not.toBe("[DONE]");
    }));

  test("a stream says that it is overloaded, and ends", () =>
    served({ faults: { script: { x: ["error-event"] } } }, async (server) => {
      const events = await eventsOf(await ask(server, MESSAGES, "x", { stream: true }));
      expect(events.length).toBeGreaterThan(1);
      expect(events.at(-1)!.type).toBe("error");
      expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
    }));

  test("nothing comes, until the client gives up: that is seen", () =>
    served({ faults: { script: { x: ["stall"] } } }, async (server) => {
      await expect(
        fetch(server.url + CHAT, {
          method: "POST",
          body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }] }),
          signal: AbortSignal.timeout(100),
        }),
      ).rejects.toThrow("aborted due to timeout");
      while (server.log.of("x")[0]?.outcome !== "abandoned") await delay(1);
      expect(server.log.of("x")[0]).toMatchObject({ outcome: "abandoned", status: null });
    }));

  test("chance draws about as many as it is told, the same each time, and leaves later attempts alone", () => {
    const ids = Array.from({ length: 2000 }, (_, i) => `request ${i}`);
    const plan = {
      chances: [
        [500, 0.1],
        [{ slow: 5 }, 0.05],
      ],
      chancesUntilAttempt: 3,
    } as const;
    const draw = (attempt: number) => ids.map((id) => new Faults(plan).of(id, attempt));
    const first = draw(1);
    expect(draw(1)).toEqual(first);
    const errors = first.filter((fault) => fault === 500).length;
    expect(errors).toBeGreaterThan(150);
    expect(errors).toBeLessThan(250);
    expect(draw(2)).not.toEqual(first);
    expect(draw(3).every((fault) => fault === null)).toBe(true);
  });
});

test("the id of a request is what it says that it is, or its prompt", () =>
  served({}, async (server) => {
    await ask(server, CHAT, "one", {}, { "x-client-request-id": "a" });
    await ask(server, CHAT, "two", {}, { "idempotency-key": "b" });
    await ask(server, CHAT, "three", { metadata: { id: "c" } });
    await ask(server, CHAT, "four");
    expect(server.log.ids()).toEqual(["a", "b", "c", "four"]);
  }));

test("a request whose body never comes is no request", () =>
  served({}, async (server) => {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
    while (server.connections === 0) await delay(1);
    socket.destroy();
    await once(socket, "close");
    while (server.connections > 0) await delay(1);
    expect(server.log.requests).toEqual([]);
  }));

test("in a process of its own it is the same server, and tells what has come", async () => {
  const server = await ApiProcess.listening({ limits: { requests: 2 }, latency: [0, 2] });
  try {
    for (const prompt of ["a", "b", "a"]) await (await ask(server, CHAT, prompt)).text();
    const requests = await server.requests();
    expect(requests.map(({ id, attempt, outcome }) => [id, attempt, outcome])).toEqual([
      ["a", 1, "answered"],
      ["b", 1, "answered"],
      ["a", 2, "refused"],
    ]);
    await server.plan({ script: { c: ["reset"] } });
    await expect(ask(server, CHAT, "c")).rejects.toThrow("fetch failed");
  } finally {
    await server[Symbol.asyncDispose]();
  }
  await expect(fetch(server.url)).rejects.toThrow("fetch failed");
});

test.each([
  [0.2, "1ms"],
  [120, "120ms"],
  [1000, "1s"],
  [1204, "1.204s"],
  [360_000, "6m0s"],
  [61_500, "1m1.5s"],
])("%d ms is written as %s", (ms, text) => expect(duration(ms)).toBe(text));
