import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { HttpClient } from "@tsyncio/http";
import { CancelledError, allTasks, createTask, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { withServer } from "./with-server.ts";

const AT_ONCE = 50;
const LARGE = Buffer.alloc(300_000, "x");
const ENCODED = gzipSync(Buffer.from("encoded ".repeat(20_000)));

/** Numbers that look random, the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function later(response: ServerResponse, ms: number, then: () => void): void {
  const timer = setTimeout(then, ms);
  response.on("close", () => clearTimeout(timer));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  switch (request.url) {
    case "/quick":
      return void response.end("quick");
    case "/slow":
      return later(response, 8, () => response.end("slow"));
    case "/never":
      return;
    case "/large":
      return void response.end(LARGE);
    case "/encoded":
      response.setHeader("content-encoding", "gzip");
      return void response.end(ENCODED);
    case "/elsewhere":
      response.writeHead(302, { location: "/slow" });
      return void response.end();
    case "/drip":
      response.write("one");
      return later(response, 3, () => {
        response.write("two");
        later(response, 3, () => response.end("three"));
      });
    default:
      request.resume().on("end", () => response.end("taken"));
  }
}

async function* slowParts() {
  for (let i = 0; i < 4; i++) {
    await sleep(2);
    yield LARGE.subarray(0, 5_000);
  }
}

/** When a request is cancelled: after some turns of the loop, after some time, or (one that comes to an end) not at all. */
async function patience(random: () => number, kind: number): Promise<boolean> {
  const way = random();
  if (way < 0.3) for (let turns = Math.floor(random() * 8); turns > 0; turns--) await sleep(0);
  else if (way < 0.65 || kind === NEVER) await sleep(random() ** 2 * 40);
  else return false;
  return true;
}

const NEVER = 2;
const KINDS: readonly ((client: HttpClient) => PromiseLike<unknown>)[] = [
  ...["quick", "slow", "never", "large", "encoded", "elsewhere", "drip"].map(
    (path) => (client: HttpClient) => client.get(path),
  ),
  (client) => client.post("upload", { body: LARGE }),
  (client) => client.post("upload", { body: slowParts() }),
  async (client) => {
    await using response = await client.stream("GET", "large");
    for await (const part of response) if (part.length > 0) await sleep(1);
  },
  async (client) => {
    await using response = await client.stream("GET", "drip");
    for await (const line of response.lines()) expect(line).toBe("onetwothree");
  },
];

test.each([
  ["HTTP/1.1", 10_000],
  // When many more streams are reset in so short a time, a server closes the connection (ENHANCE_YOUR_CALM).
  ["HTTP/2", 500],
])(
  "over %s, of %i requests that are cancelled at random moments nothing is left, and no other one fails",
  async (version, count) => {
    const warnings: string[] = [];
    const warned = (warning: Error) => warnings.push(String(warning));
    process.on("warning", warned);
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const outcomes = { cancelled: 0, done: 0 };
    await withServer(
      answer,
      async ({ client, server, loop }) => {
        const random = generator(20_261_126);
        const heard = listeners();
        const one = async () => {
          const kind = Math.floor(random() * KINDS.length);
          const task = createTask((async () => void (await KINDS[kind](client)))());
          if (await patience(random, kind)) task.cancel();
          try {
            await task;
            outcomes.done++;
          } catch (error) {
            if (!(error instanceof CancelledError)) throw error;
            outcomes.cancelled++;
          }
        };
        const all = function* () {
          for (let i = 0; i < count; i++) yield one();
        };
        await gather(all(), { limit: AT_ONCE });
        const { inFlight, waiting } = client.statistics()[server.origin];
        expect({ inFlight, waiting }).toEqual({ inFlight: 0, waiting: 0 });
        expect(allTasks().size).toBe(1);
        expect(loop.statistics().timers).toBe(0);
        expect(listeners()).toEqual(heard);
        // It still works.
        expect((await client.get("quick")).text()).toBe("quick");
        await client.close();
        expect(client.statistics()[server.origin]).toMatchObject({ sockets: 0, inFlight: 0, waiting: 0 });
        while (server.open > 0) await sleep(1);
      },
      { connectionsPerOrigin: 40, retry: false, http2: version === "HTTP/2" },
    );
    process.off("warning", warned);
    expect(warnings).toEqual([]);
    expect(outcomes.cancelled + outcomes.done).toBe(count);
    expect(Math.min(outcomes.cancelled, outcomes.done)).toBeGreaterThan(count / 10);
  },
  120_000,
);
