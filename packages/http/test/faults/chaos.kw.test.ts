import { type Awaitable, type Coroutine, allTasks, gather, mapConcurrent } from "tsyncio";
import { HttpClient, HttpConnectionError, HttpProtocolError, HttpStatusError, type RetryOptions } from "@tsyncio/http";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import type { LoggedRequest } from "../../../../test/api-servers/request-log.ts";
import { ApiServer, type ApiServerOptions } from "../../../../test/api-servers/index.ts";

const COUNT = 300;
const AT_ONCE = 40;
/** A third of all attempts go wrong. */
const CHANCES = [
  [500, 0.05],
  [503, 0.03],
  [529, 0.02],
  ["reset", 0.05],
  ["cut", 0.1],
  [{ slow: 20 }, 0.05],
] as const;
const RETRY: RetryOptions = {
  attempts: 12,
  unsafe: true,
  statuses: [500, 503, 529],
  delay: { initial: 1, max: 10 },
  budget: { capacity: 10_000 },
};

/** Runs a program against an API, and sees that nothing is left of it. */
function against(
  options: ApiServerOptions,
  program: (client: HttpClient, server: ApiServer) => Awaitable<void>,
): Promise<void> {
  return nodeProgram(async () => {
    const server = await ApiServer.listening(options);
    const client = new HttpClient({ baseUrl: server.url, learnLimits: false });
    try {
      await program(client, server);
      expect(client.statistics()[server.url]).toMatchObject({ inFlight: 0, waiting: 0 });
      await client.close();
      expect(allTasks().size).toBe(1);
    } finally {
      client.abort();
      await server[Symbol.asyncDispose]();
    }
  }) as Promise<void>;
}

const question = (prompt: string, stream = false) => ({
  json: { model: "m", stream, messages: [{ role: "user", content: prompt }] },
});
const prompts = Array.from({ length: COUNT }, (_, i) => `question ${i}`);

test("every request is answered in the end, by its own answer, after as many attempts as the server has seen", () =>
  against({ faults: { chances: CHANCES } }, async (client, server) => {
    const answers: [prompt: string, text: string, attempts: number][] = [];
    const ask = async (prompt: string) => {
      const response = await client.post("v1/chat/completions", { ...question(prompt), retry: RETRY });
      answers.push([prompt, response.json().choices[0].message.content, response.attempts]);
    };
    for await (const _ of mapConcurrent(prompts, ask, { limit: AT_ONCE }));
    expect(answers.length).toBe(COUNT);
    for (const [prompt, text, attempts] of answers) {
      expect(text).toBe(`You said: ${prompt}`);
      expect(server.log.of(prompt).length).toBe(attempts);
      expect(server.log.of(prompt).filter(({ outcome }) => outcome === "answered").length).toBe(1);
    }
    expect(server.log.requests.length).toBeGreaterThan(COUNT * 1.2);
  }));

test("without another attempt each fault is the error that it is", () =>
  against({ faults: { chances: CHANCES } }, async (client, server) => {
    const results = await gather(
      prompts.map((prompt) =>
        client.post("v1/chat/completions", { ...question(prompt), retry: false }),
      ) as Coroutine<any>[],
      { returnExceptions: true, limit: AT_ONCE },
    );
    const named = new Map<string, Set<string>>();
    for (const [i, result] of results.entries()) {
      const [{ outcome, status }] = server.log.of(prompts[i]!) as readonly [LoggedRequest];
      const name = result instanceof Error ? result.name : "answer";
      const came = `${outcome} ${status}`;
      named.set(came, (named.get(came) ?? new Set()).add(name));
    }
    expect(Object.fromEntries([...named].map(([came, names]) => [came, [...names].sort()]))).toEqual({
      "answered 200": ["answer"],
      "faulted 500": [HttpStatusError.name],
      "faulted 503": [HttpStatusError.name],
      "faulted 529": [HttpStatusError.name],
      "faulted 200": [HttpConnectionError.name],
      "faulted null": [HttpConnectionError.name],
    });
  }));

test("streams that break are errors, and no connection is left of them", () =>
  against(
    { faults: { chances: [...CHANCES, ["end", 0.1], ["error-event", 0.05], ["html", 0.05]] }, eventDelay: 1 },
    async (client, server) => {
      /** What comes of one question: its text, or the name of the error. */
      const ask = async (prompt: string): Promise<string> => {
        let text = "";
        let done = false;
        try {
          const events = client.events("v1/chat/completions", {
            method: "POST",
            ...question(prompt, true),
            retry: false,
          });
          for await (const event of events) {
            done = event.data === "[DONE]";
            if (done) continue;
            const { choices, error } = event.json();
            if (error !== undefined) return "error event";
            text += choices[0].delta.content ?? "";
          }
          return done ? text : "ended early";
        } catch (error) {
          return (error as Error).name;
        }
      };
      const kinds = new Map<string, number>();
      for await (const result of mapConcurrent(prompts, async (prompt) => [prompt, await ask(prompt)], {
        limit: AT_ONCE,
      })) {
        const [prompt, text] = result as [string, string];
        const kind = text === `You said: ${prompt}` ? "answer" : text;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      expect([...kinds.keys()].sort()).toEqual(
        [
          "answer",
          "ended early",
          "error event",
          HttpConnectionError.name,
          HttpProtocolError.name,
          HttpStatusError.name,
        ].sort(),
      );
      expect(kinds.get("answer")).toBe(server.log.count("answered"));
    },
  ));
