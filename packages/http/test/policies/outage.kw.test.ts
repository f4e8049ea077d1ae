import { CircuitOpenError, HttpClient, type HttpClientOptions, HttpStatusError, RetryBudget } from "@tsyncio/http";
import { gather, getRunningLoop, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { program } from "../../../../conformance/program.ts";
import { ScriptedTransport } from "../scripted-transport.ts";
import { withServer } from "../with-server.ts";

const TASKS = 40;
const SECONDS = 30;
const [DOWN, UP] = [10_000, 20_000];

/** Forty tasks ask ten times a second for half a minute, of which the server is down for a third. */
async function outage(options: HttpClientOptions) {
  const sent = { before: 0, during: 0, after: 0 };
  const asked = { before: 0, during: 0, after: 0 };
  const phase = () => {
    const now = getRunningLoop().time();
    return now < DOWN ? "before" : now < UP ? "during" : "after";
  };
  const failed = { before: 0, during: 0, after: 0 };
  await program(async () => {
    const transport = new ScriptedTransport(() => {
      sent[phase()]++;
      return { status: phase() === "during" ? 500 : 200 };
    });
    const client = new HttpClient({ transport, ...options });
    const work = async (index: number): Promise<void> => {
      await sleep(index);
      for (let i = 0; i < SECONDS * 10; i++) {
        const due = (i + 1) * 100 + index;
        const asking = phase();
        asked[asking]++;
        try {
          await client.get("http://api.example/");
        } catch (error) {
          if (!(error instanceof HttpStatusError || error instanceof CircuitOpenError)) throw error;
          failed[asking]++;
        }
        await sleep(Math.max(0, due - getRunningLoop().time()));
      }
    };
    await gather(...Array.from({ length: TASKS }, (_, index) => work(index)));
  });
  return { sent, asked, failed };
}

describe("many tasks in an outage", () => {
  const retry = { attempts: 5, delay: { initial: "10ms", max: "20ms" } } as const;

  test("send at most a tenth more than they were asked for, and what had been saved", async () => {
    const budget = { ratio: 0.1, minimumPerSecond: 0, capacity: 20 };
    const { sent, asked, failed } = await outage({ retry: { ...retry, budget } });
    expect(sent.during).toBeGreaterThan(asked.during);
    expect(sent.during).toBeLessThanOrEqual(asked.during + 20);
    expect(sent.before + sent.during + sent.after).toBeLessThanOrEqual(1.1 * TASKS * SECONDS * 10);
    // Nothing fails but what was asked for while it was down.
    expect({ ...failed, during: 0 }).toEqual({ before: 0, during: 0, after: 0 });
  });

  test("would send five times as much without a budget", async () => {
    const budget = { ratio: 5, minimumPerSecond: 1e6, capacity: 1e6 };
    const { sent, asked } = await outage({ retry: { ...retry, budget } });
    expect(sent.during).toBeGreaterThan(4.5 * asked.during);
  });

  test("send next to nothing while a circuit breaker is open", async () => {
    const { sent, asked } = await outage({ retry, breaker: { window: "2s" } });
    expect(sent.during).toBeLessThan(0.15 * asked.during);
    // It is closed again when its time is over: after 5 s, or 10 more.
    expect(sent.after).toBeGreaterThan(0.4 * asked.after);
  });

  test("come through a short one that the budget allows for", async () => {
    const budget = new RetryBudget({ capacity: 1e6 });
    await program(async () => {
      const transport = new ScriptedTransport(() => ({ status: getRunningLoop().time() < 500 ? 503 : 200 }));
      const client = new HttpClient({ transport, retry: { attempts: 20, delay: { initial: 50, max: 200 }, budget } });
      const answers = await gather(...Array.from({ length: 200 }, () => client.get("http://api.example/")));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    });
    expect(budget.statistics().refused).toBe(0);
  });
});

test("a real server that is down for a while sees no more than its tasks and the budget allow", () => {
  const [failing, until] = [300, 900];
  return withServer(
    (_request, response) => {
      count++;
      response.writeHead(count > failing && count <= until ? 502 : 200).end();
    },
    async ({ client }) => {
      let [asked, failed] = [0, 0];
      const work = async (): Promise<void> => {
        for (let i = 0; i < 100; i++) {
          asked++;
          try {
            await client.get("/");
          } catch (error) {
            if (!(error instanceof HttpStatusError)) throw error;
            failed++;
          }
        }
      };
      await gather(...Array.from({ length: 20 }, () => work()));
      expect(asked).toBe(2_000);
      expect(failed).toBeGreaterThan(400);
      const [{ retries }] = Object.values(client.statistics());
      expect(count).toBe(asked + retries!.allowed);
      expect(count).toBeLessThanOrEqual(1.1 * asked);
      expect(retries).toMatchObject({ capacity: 40 });
      expect(retries!.refused).toBeGreaterThan(0);
    },
    { retry: { delay: { initial: 1 }, budget: { ratio: 0.05, minimumPerSecond: 0, capacity: 40 } } },
  );
});
let count = 0;
