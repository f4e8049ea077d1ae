import type { ServerResponse } from "node:http";
import { HttpClient } from "@tsyncio/http";
import { coroutine, run } from "tsyncio";
import { describe, expect, test } from "vitest";
import { loadRobots } from "../../src/robots/load-robots.ts";
import { MAX_ROBOTS_SIZE } from "../../src/robots/robots-rules.ts";
import { loopback } from "../crawler/loopback.ts";

type Answer = (response: ServerResponse, path: string) => void;

/** What is loaded from a server that answers so. */
async function load(answer: Answer, retries = 0) {
  const pages = Object.fromEntries(
    ["/robots.txt", ...Array.from({ length: 8 }, (_, i) => `/${i}`)].map((path) => [
      path,
      (_: unknown, response: ServerResponse) => answer(response, path),
    ]),
  );
  await using server = await loopback(pages);
  const loaded = await run(
    coroutine(function* () {
      const client = new HttpClient({ retry: false });
      try {
        return yield* loadRobots(client, server.origin, { "user-agent": "t" }, retries);
      } finally {
        yield* client.close();
      }
    }),
  );
  return { loaded, asked: server.asked };
}

const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code).end("Disallow");

/** So many redirects, then the file. */
const after =
  (redirects: number): Answer =>
  (response, path) => {
    const step = path === "/robots.txt" ? 0 : Number(path.slice(1));
    if (step < redirects) response.writeHead(302, { location: `/${step + 1}` }).end();
    else response.end("User-agent: *");
  };

describe("a robots.txt", () => {
  test("is what comes with 200", async () =>
    expect((await load((response) => response.end("a"))).loaded).toEqual({ text: "a" }));
  test.each([400, 401, 403, 404, 410])("is none when the status is %d", async (code) =>
    expect((await load(status(code))).loaded).toBe("none"),
  );
  test.each([429, 500, 503])("is unreachable when the status is %d", async (code) =>
    expect((await load(status(code))).loaded).toBe("unreachable"),
  );
  test("is unreachable when there is no answer", async () =>
    expect((await load((response) => response.socket?.destroy())).loaded).toBe("unreachable"));
  test("is followed over five redirects", async () => {
    expect((await load(after(5))).loaded).toEqual({ text: "User-agent: *" });
    expect((await load(after(6))).loaded).toBe("none");
  });
  test("is asked for again when it is unreachable", async () => {
    let count = 0;
    const { loaded } = await load((response) => (++count < 2 ? response.writeHead(500).end() : response.end("a")), 1);
    expect([loaded, count]).toEqual([{ text: "a" }, 2]);
  });
  test("is read up to its limit", async () => {
    const { loaded } = await load((response) => response.end("x".repeat(MAX_ROBOTS_SIZE * 3)));
    expect((loaded as { text: string }).text.length).toBe(MAX_ROBOTS_SIZE);
  });
});
