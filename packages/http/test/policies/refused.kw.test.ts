import { HttpStatusError, RateLimits } from "@tsyncio/http";
import { gather } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { withServer } from "../with-server.ts";

const PAUSE = 400;

test("a 429 pauses all tasks of its origin for as long as it asks, and each of them comes to its end", () => {
  const times: number[] = [];
  let refusedAt = 0;
  return withServer(
    (_request, response) => {
      const time = performance.now();
      times.push(time);
      if (times.length === 5) {
        refusedAt = time;
        response.writeHead(429, { "retry-after-ms": PAUSE, "retry-after": "1" });
      }
      setTimeout(() => response.end("well"), 2);
    },
    async ({ client }) => {
      const work = async (): Promise<number> => {
        let attempts = 0;
        for (let i = 0; i < 5; i++) attempts += (await client.get("/")).attempts;
        return attempts;
      };
      const attempts = await gather(...Array.from({ length: 10 }, () => work()));
      expect(attempts.reduce((sum, count) => sum + count)).toBe(51);
      expect(times.length).toBe(51);
      // Those that were on their way when it was refused, and none of those that came after.
      const during = times.filter((time) => time > refusedAt && time < refusedAt + PAUSE);
      expect(during.length).toBeLessThanOrEqual(19);
      expect(during.every((time) => time < refusedAt + PAUSE / 2)).toBe(true);
      const [statistics] = Object.values(client.statistics());
      expect(statistics).toMatchObject({
        limits: { waiters: 0, open: 0, pausedFor: 0, limits: [] },
        retries: { allowed: 1, refused: 0 },
        concurrency: null,
        breaker: null,
      });
    },
  );
});

test("the limits that a server tells are kept, by all tasks together, without a refusal", () => {
  const [limit, per] = [20, 300];
  let [window, used, refused] = [-1, 0, 0];
  return withServer(
    (_request, response) => {
      const now = performance.now();
      if (Math.floor(now / per) !== window) [window, used] = [Math.floor(now / per), 0];
      const status = ++used <= limit ? 200 : 429;
      if (status === 429) refused++;
      response.writeHead(status, {
        "x-ratelimit-limit": limit,
        "x-ratelimit-remaining": Math.max(0, limit - used),
        "x-ratelimit-reset": `${Math.ceil(per - (now % per))}ms`,
      });
      response.end();
    },
    async ({ client }) => {
      // What may be sent is known after the first answer.
      await client.get("/");
      await gather(...Array.from({ length: 100 }, () => client.get("/")));
      // A request that is sent at the end of a window may come in the next, and counts there.
      expect(refused).toBeLessThanOrEqual(5);
      const [{ limits }] = Object.values(client.statistics());
      expect(limits).toMatchObject({ waiters: 0, open: 0, limits: [{ source: "learnt", rate: limit }] });
    },
  );
});

test("without learnLimits a client goes on asking", () =>
  withServer(
    (_request, response) => response.writeHead(429, { "retry-after": "3600", "x-ratelimit-remaining": 0 }).end(),
    async ({ client, server }) => {
      for (let i = 0; i < 3; i++) expect(await errorOf(client.get("/"))).toBeInstanceOf(HttpStatusError);
      expect(server.seen.length).toBe(3);
      expect(Object.values(client.statistics())[0].limits).toBe(null);
    },
    { learnLimits: false },
  ));

const limits = new RateLimits({ requests: { rate: 5, per: "1h", burst: 5 } });

test("one RateLimits is kept by all origins together, and by whoever else has it", () =>
  withServer(
    (_request, response) => response.end(),
    async ({ client, origin }) => {
      await gather(client.get("/"), client.get(origin.replace("127.0.0.1", "localhost")), limits.reserve());
      expect(limits.statistics().limits[0].remaining).toBe(2);
    },
    { limits },
  ));
