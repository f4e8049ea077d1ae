import { HttpHeaders, RateLimits } from "@tsyncio/http";
import { type EventLoop, createTask, gather, getRunningLoop, newEventLoop, run, sleep, taskGroup } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };
const now = () => getRunningLoop().time();
const NONE = new HttpHeaders();

/** `X-RateLimit-*` of a server that counts in windows. */
function remaining(left: number, resetsIn: number, limit = 100): HttpHeaders {
  return new HttpHeaders({
    "X-RateLimit-Limit": limit,
    "X-RateLimit-Remaining": left,
    "X-RateLimit-Reset": resetsIn,
  });
}

describe("RateLimits.learn", () => {
  test("uses what the server says is left, and waits for its reset", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, remaining(2, 30));
      const times: number[] = [];
      for (let i = 0; i < 4; i++) {
        using _reservation = await limits.reserve();
        times.push(now());
      }
      expect(times).toEqual([0, 0, 30_000, 30_000]);
      expect(limits.statistics().limits).toEqual([
        { dimension: "requests", source: "learnt", rate: 100, per: null, remaining: 98 },
      ]);
    }, virtual));

  test("takes off what is on its way: the server may not have counted it", () =>
    run(async () => {
      const limits = new RateLimits();
      const [first] = await gather(...Array.from({ length: 5 }, () => limits.reserve()));
      limits.learn(200, remaining(6, 30), first);
      expect(limits.statistics()).toMatchObject({ open: 4, limits: [{ remaining: 2 }] });
    }, virtual));

  test("is mended by the answers that follow, upwards and downwards", () =>
    run(async () => {
      const limits = new RateLimits();
      const all = await gather(...Array.from({ length: 5 }, () => limits.reserve()));
      const left = () => limits.statistics().limits[0].remaining;
      limits.learn(200, remaining(50, 30), all[2]);
      expect(left()).toBe(46);
      // An old answer that comes late: what it says is left has been taken since.
      limits.learn(200, remaining(99, 30), all[1]);
      expect(left()).toBe(46);
      for (const one of all) one.settle();
      // Nothing was on its way any more when this was sent: the server has counted all there is.
      limits.learn(200, remaining(49, 30), await limits.reserve());
      expect(left()).toBe(49);
      // Somebody else uses the same account.
      limits.learn(200, remaining(10, 30), await limits.reserve());
      expect(left()).toBe(10);
    }, virtual));

  test("knows what a bucket gets back, and waits only for what is missing", () =>
    run(async () => {
      const limits = new RateLimits();
      const headers = new HttpHeaders({
        "x-ratelimit-limit-tokens": "60000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "1m0s",
      });
      limits.learn(200, headers);
      const times: number[] = [];
      for (const tokens of [500, 2_000, 57_500]) {
        await limits.reserve({ tokens });
        times.push(Math.round(now()));
      }
      expect(times).toEqual([500, 2_500, 60_000]);
      await sleep("10m");
      expect(limits.statistics().limits[0].remaining).toBe(60_000);
      await limits.reserve({ tokens: 60_000 });
      expect(Math.round(now())).toBe(660_000);
      await limits.reserve({ tokens: 1_000 });
      expect(Math.round(now())).toBe(661_000);
    }, virtual));

  test("lets who does not say what it costs wait too while nothing is left, and who costs nothing pass", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(
        200,
        new HttpHeaders({
          "anthropic-ratelimit-tokens-limit": "1000",
          "anthropic-ratelimit-tokens-remaining": "0",
          "anthropic-ratelimit-tokens-reset": "10",
        }),
      );
      expect(limits.tryReserve()).toBe(null);
      expect(limits.tryReserve({ tokens: 0 })).not.toBe(null);
    }, virtual));

  test("lets go what costs more than the whole limit when that is there: the server may refuse it", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, remaining(10, 5, 10));
      (await limits.reserve({ requests: 3 })).settle();
      await limits.reserve({ requests: 25 });
      expect(now()).toBe(5_000);
    }, virtual));

  test("keeps to a policy whose server says nothing else", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, new HttpHeaders({ "RateLimit-Policy": '"p";q=3;w=10' }));
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        await limits.reserve();
        times.push(now());
      }
      expect(times.map(Math.round)).toEqual([0, 3_433, 6_867, 10_300, 13_733]);
    }, virtual));

  test("uses a tenth of such a policy at once, for the server may have a small bucket", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, new HttpHeaders({ "RateLimit-Policy": '"p";q=250;w=1' }));
      const times: number[] = [];
      for (let i = 0; i < 125; i++) {
        await limits.reserve();
        times.push(now());
      }
      expect(times.filter((time) => time < 1).length).toBe(25);
      expect(times.at(-1)).toBeGreaterThan(400);
      expect(times.at(-1)).toBeLessThan(420);
    }, virtual));

  test("keeps what was given by hand beside what it learns", () =>
    run(async () => {
      const limits = new RateLimits({ requests: { rate: 2, per: 100, burst: 1, margin: 0 } });
      limits.learn(200, remaining(2, 1));
      const times: number[] = [];
      for (let i = 0; i < 4; i++) {
        await limits.reserve();
        times.push(now());
      }
      expect(times).toEqual([0, 50, 1_000, 1_050]);
    }, virtual));

  test("gives back what was cancelled, and leaves what was corrected to the server", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, remaining(5, 30));
      const left = () => limits.statistics().limits[0].remaining;
      const [first, second] = [await limits.reserve(), await limits.reserve()];
      expect(left()).toBe(3);
      first.cancel();
      second.correct({ requests: 4 });
      expect(left()).toBe(4);
      const third = await limits.reserve();
      await sleep("30s");
      third.cancel();
      expect(left()).toBe(100);
    }, virtual));

  test("takes off at a reset what is still on its way: it may be counted in the new window", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(200, remaining(10, 1, 10));
      const all = await gather(limits.reserve(), limits.reserve(), limits.reserve());
      all[0].settle();
      await sleep("1s");
      expect(limits.statistics().limits[0].remaining).toBe(8);
      // What never comes to an end is not taken off for ever.
      await sleep("1s");
      expect(limits.statistics().limits[0].remaining).toBe(10);
    }, virtual));

  test("leaves out what an answer says of the window before, when it comes after one of this window", () =>
    run(async () => {
      const limits = new RateLimits();
      const all = await gather(limits.reserve(), limits.reserve());
      limits.learn(200, remaining(99, 60), all[1]);
      const left = limits.statistics().limits[0].remaining;
      limits.learn(200, remaining(0, 1), all[0]);
      expect(limits.statistics().limits[0].remaining).toBe(left);
    }, virtual));

  test("lets those go who wait when the server says that there is more", () =>
    run(async () => {
      const limits = new RateLimits();
      const sent = await limits.reserve();
      limits.learn(200, remaining(0, 3_600));
      const waiting = createTask(limits.reserve());
      await sleep(100);
      limits.learn(200, remaining(100, 3_600), sent);
      await waiting;
      expect(now()).toBe(100);
    }, virtual));
});

const after = (value: string): HttpHeaders => new HttpHeaders({ "Retry-After": value });

describe("a refusal", () => {
  test.each([429, 503])("with status %i pauses everybody for as long as it asks", (status) =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(status, after("7"));
      const ask = async () => {
        using _reservation = await limits.reserve();
      };
      await gather(ask(), ask());
      expect(now()).toBe(7_000);
    }, virtual),
  );

  test("that does not ask pauses for a second, and for twice as long each time, until something goes well", () =>
    run(async () => {
      const limits = new RateLimits();
      const pauses: number[] = [];
      for (const status of [429, 429, 429, 200, 429]) {
        limits.learn(status, NONE);
        // The others that were on their way.
        limits.learn(status, NONE);
        pauses.push(limits.statistics().pausedFor);
        (await limits.reserve()).settle();
      }
      expect(pauses).toEqual([1_000, 2_000, 4_000, 0, 1_000]);
    }, virtual));

  test.each([200, 400, 404, 500, 502, 503])("is not what %i without a Retry-After is", (status) =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(status, status === 503 ? NONE : after("7"));
      expect(limits.statistics().pausedFor).toBe(0);
    }, virtual),
  );
});

describe("after a refusal by a server that says nothing of its limits", () => {
  test("one request goes, and with each round that goes well one more", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(429, after("1"));
      await sleep("1s");
      const first = await limits.reserve();
      const waiting = Array.from({ length: 4 }, () => createTask(limits.reserve()));
      await sleep(50);
      expect(limits.statistics().waiters).toBe(4);
      limits.learn(200, NONE, first);
      await sleep(0);
      expect(limits.statistics().waiters).toBe(2);
      const [second, third] = [await waiting[0], await waiting[1]];
      // A failure of another kind gives its place back, and no other.
      second.settle();
      expect(limits.statistics().waiters).toBe(1);
      third.cancel();
      expect(limits.statistics().waiters).toBe(0);
    }, virtual));

  test("those who never tell how it went wait half a minute, and no longer", () =>
    run(async () => {
      const limits = new RateLimits();
      limits.learn(429, after("1"));
      await limits.reserve();
      await limits.reserve();
      expect(now()).toBe(31_000);
      await limits.reserve();
      expect(now()).toBe(31_000);
    }, virtual));

  test("fifty tasks come through ten a minute with few refusals more than those of the beginning", () =>
    run(async () => {
      const limits = new RateLimits();
      let [window, used, refused] = [-1, 0, 0];
      const work = async () => {
        for (;;) {
          using reservation = await limits.reserve();
          await sleep(20);
          if (Math.floor(now() / 60_000) !== window) [window, used] = [Math.floor(now() / 60_000), 0];
          const status = ++used <= 10 ? 200 : 429;
          const headers = status === 200 ? NONE : after(String(Math.ceil(60 - (now() % 60_000) / 1_000)));
          await sleep(20);
          limits.learn(status, headers, reservation);
          if (status === 200) return;
          refused++;
        }
      };
      await gather(...Array.from({ length: 50 }, work));
      // Forty at once, before anything is known. All who waited together would be 30, 20 and 10 more.
      expect(refused).toBeGreaterThanOrEqual(40);
      expect(refused).toBeLessThan(60);
      expect(now()).toBeLessThan(5 * 60_000);
    }, virtual));
});

/** A server that counts, and tells; how it tells is the caller's. */
interface TellingServer {
  answer(cost: { tokens: number }, time: number): { status: number; headers: HttpHeaders };
}

/** Ten minutes of thirty tasks that know of no limit but by the answers. */
async function learntFrom(server: TellingServer): Promise<{ done: number; refused: number; tokens: number }> {
  let [done, refused, tokens] = [0, 0, 0];
  async function main(): Promise<void> {
    const limits = new RateLimits();
    async function client(index: number): Promise<void> {
      for (let i = 0; ; i++) {
        const cost = { tokens: 100 + ((i * 37 + index * 11) % 900) };
        using reservation = await limits.reserve(cost);
        await sleep(20 + ((i * 7 + index) % 30));
        if (now() > 600_000) return;
        const { status, headers } = server.answer(cost, now());
        await sleep(20 + ((i * 13 + index) % 50));
        limits.learn(status, headers, reservation);
        if (status === 429) refused++;
        else [done, tokens] = [done + 1, tokens + cost.tokens];
      }
    }
    await taskGroup(async (group) => {
      for (let i = 0; i < 30; i++) group.createTask(client(i));
    });
  }
  await run(main(), virtual);
  return { done, refused, tokens };
}

/** Counts requests in windows of a minute. */
function counting(limit: number, tell: (left: number, seconds: number, used: number) => HttpHeaders): TellingServer {
  let [window, used] = [-1, 0];
  return {
    answer(_cost, time) {
      if (Math.floor(time / 60_000) !== window) [window, used] = [Math.floor(time / 60_000), 0];
      const status = used < limit ? 200 : 429;
      if (status === 200) used++;
      return { status, headers: tell(limit - used, Math.ceil(60 - (time % 60_000) / 1_000), used) };
    },
  };
}

describe("tasks that know of no limit but by the answers", () => {
  test("are not refused by a server with X-RateLimit headers, and use its limit", async () => {
    const { done, refused } = await learntFrom(counting(120, (left, seconds) => remaining(left, seconds, 120)));
    expect(refused).toBe(0);
    expect(done).toBeGreaterThan(0.95 * 1_200);
  });

  test("are not refused by a server with the IETF's fields, and use its limit", async () => {
    const { done, refused } = await learntFrom(
      counting(
        120,
        (left, seconds) =>
          new HttpHeaders({ "RateLimit-Policy": '"m";q=120;w=60', RateLimit: `"m";r=${left};t=${seconds}` }),
      ),
    );
    expect(refused).toBe(0);
    expect(done).toBeGreaterThan(0.93 * 1_200);
  });

  test("are not refused by a server with OpenAI's headers and a bucket of tokens, and use what flows into it", async () => {
    const [limit, perMillisecond] = [60_000, 1];
    let [level, last] = [limit, 0];
    const { tokens, refused } = await learntFrom({
      answer(cost, time) {
        level = Math.min(limit, level + (time - last) * perMillisecond);
        last = time;
        const status = level >= cost.tokens ? 200 : 429;
        if (status === 200) level -= cost.tokens;
        const headers = {
          "x-ratelimit-limit-tokens": limit,
          "x-ratelimit-remaining-tokens": Math.floor(level),
          "x-ratelimit-reset-tokens": `${Math.ceil((limit - level) / perMillisecond)}ms`,
        };
        return { status, headers: new HttpHeaders(headers) };
      },
    });
    expect(refused).toBe(0);
    expect(tokens).toBeGreaterThan(0.95 * (limit + 600_000));
  });
});
