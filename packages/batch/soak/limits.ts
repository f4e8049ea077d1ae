// npx tsyncio run packages/batch/soak/limits.ts [--items 20000] [--requests 250] [--window 60] [--learn]
// Sends a batch to a server that keeps limits of requests and of tokens strictly, in every window of so many seconds, and refuses what is
// above with 429. The answers' sizes are not known before. Ends with 0 when no request has failed and at least 95 % of the permitted rate
// was reached: permitted is what the tighter of both limits lets through in the time. With --learn the batch is not told the limits.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { batch, openAiChat } from "@tsyncio/batch";
import { run } from "tsyncio";
import { ApiProcess, busiestWindow } from "../../../test/api-servers/index.ts";
import { seeded } from "./seeded.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "20000" },
    /** Permitted requests in a second. */
    requests: { type: "string", default: "250" },
    /** Of the server's windows, in seconds. */
    window: { type: "string", default: "60" },
    /** Tokens in a second for each request in a second; about 52 are used. */
    tokens: { type: "string", default: "50" },
    learn: { type: "boolean", default: false },
  },
});
const GOAL = 0.95;
const items = Number(values.items);
const perSecond = Number(values.requests);
const tokensPerSecond = perSecond * Number(values.tokens);
const per = Number(values.window) * 1000;
const random = seeded(7);

const folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-limits-"));
const limits = { requests: (perSecond * per) / 1000, tokens: (tokensPerSecond * per) / 1000 };
const server = await ApiProcess.listening({ limits: { kind: "sliding-window", per, ...limits }, latency: [20, 120] });

function* questions() {
  for (let i = 0; i < items; i++) yield `${i} ${"word ".repeat(Math.floor(random() * 30))}`;
}

const window = `${Number(values.window)}s` as const;
const report = await run(() =>
  batch(questions(), {
    preset: openAiChat({ model: "m", baseUrl: `${server.url}/v1` }),
    output: join(folder, "output.jsonl"),
    limits: values.learn ? {} : { requests: `${limits.requests}/${window}`, tokens: `${limits.tokens}/${window}` },
    progressInterval: "5s",
    onEvent: (event) => {
      if (event.type === "progress")
        console.log(`${event.done} done, ${event.inFlight} in flight, concurrency ${event.concurrency}`);
    },
  }),
);
const requests = await server.requests();
await server[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });

const { tokens = 0 } = report.usage;
const permitted = Math.max(items / perSecond, tokens / tokensPerSecond);
const first = requests[0]!.at;
const last = Math.max(...requests.map(({ at }) => at));
const reached = permitted / (report.elapsed / 1000);
const refused = requests.filter(({ outcome }) => outcome === "refused").length;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
console.log(
  `${report.succeeded} results, ${report.failed} failed, ${refused} refused; ${tokens} tokens; ${(report.elapsed / 1000).toFixed(1)} s ` +
    `(sending ${((last - first) / 1000).toFixed(1)} s), permitted in ${permitted.toFixed(1)} s: ${percent(reached)} of the permitted rate`,
);
for (const dimension of ["requests", "tokens"] as const)
  console.log(
    `busiest window: ${percent(busiestWindow(requests, dimension, per) / limits[dimension])} of the ${dimension}`,
  );
if (report.failed > 0 || report.succeeded !== items || reached < GOAL) {
  console.error(`FAULT  the goal is ${items} results, none failed, and ${percent(GOAL)}`);
  process.exitCode = 1;
}
