// npx tsyncio run packages/batch/soak/kill.ts [--kills 200] [--items 10000] [--order any|input] [--output jsonl|db] [--seed n]
// Runs `tsyncio batch` against a server that answers late and fails at times, and kills it with SIGKILL at random moments, its start
// among them; one time in eight the end of the output is torn off besides, as by a power cut. The last run is left alone. Ends with 0
// when every id is in the results exactly once and no request came for an id that had been recorded before.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ApiProcess } from "../../../test/api-servers/index.ts";
import { type OutputKind, recordedIds, tearEnd } from "./results.ts";
import { seeded } from "./seeded.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    items: { type: "string", default: "10000" },
    order: { type: "string", default: "any" },
    output: { type: "string", default: "jsonl" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const items = Number(values.items);
const kind = values.output as OutputKind;
/** Of results that a run may record before it is killed: so that there are items left for the last one. */
const most = Math.floor((1.6 * items) / kills);
const random = seeded(Number(values.seed));
const command = fileURLToPath(new URL("../../cli/bin/tsyncio.js", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-kill-"));
const input = join(folder, "input.jsonl");
const output = join(folder, `output.${kind}`);
writeFileSync(input, Array.from({ length: items }, (_, i) => `{"key":"item-${i}"}\n`).join(""));

const server = await ApiProcess.listening({
  latency: [5, 60],
  faults: {
    chances: [
      [500, 0.03],
      ["cut", 0.01],
      ["reset", 0.01],
      [529, 0.01],
    ],
    chancesUntilAttempt: 3,
  },
});

function start() {
  const body = { model: "m", messages: [{ role: "user", content: "{{key}}" }] };
  const more = kind === "jsonl" ? ["--order", values.order] : [];
  const args = [input, "-o", output, "--id", "key", "-c", "16", "--url", `${server.url}/v1/chat/completions`];
  const child = spawn(process.execPath, [command, "batch", ...args, "-d", JSON.stringify(body), "--json", ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => void (stderr += String(text)));
  let results = 0;
  let enough = { count: Infinity, reached: () => {} };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    results += text.split('"type":"result"').length - 1;
    if (results >= enough.count) enough.reached();
  });
  const recorded = (count: number) => new Promise<void>((reached) => void (enough = { count, reached }));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, recorded, ended, problem: () => stderr };
}

const faults: string[] = [];
let recorded: ReadonlySet<string> = new Set();
let known = 0;
let torn = 0;
let runs = 0;

/** What has come since the last look must not be for what was recorded then. */
async function look(): Promise<void> {
  const requests = await server.requests();
  for (const { id } of requests.slice(known))
    if (recorded.has(id)) faults.push(`${id} was sent again after it was recorded`);
  known = requests.length;
  const ids = recordedIds(output, kind);
  const now = new Set(ids);
  for (const id of recorded) if (!now.has(id)) faults.push(`${id} was recorded, and is not any more`);
  recorded = now;
  if (recorded.size < ids.length) faults.push(`${ids.length - recorded.size} ids are recorded twice`);
}

const began = performance.now();
for (let kill = 1; kill <= kills; kill++) {
  const { child, recorded: results, ended, problem } = start();
  runs++;
  // Some die before they have sent anything.
  if (random() < 0.15) await delay(random() * 400);
  else {
    await Promise.race([results(1 + Math.floor(random() * most)), ended]);
    await delay(random() * 10);
  }
  child.kill("SIGKILL");
  const code = await ended;
  if (code !== null && code !== 0) faults.push(`run ${runs} ended by itself with ${code}: ${problem()}`);
  if (kind === "jsonl" && random() < 0.125 && tearEnd(output, random)) {
    torn++;
    const left = new Set(recordedIds(output, kind));
    recorded = new Set([...recorded].filter((id) => left.has(id)));
  }
  await look();
  if (kill % 20 === 0)
    console.log(`${kill} kills, ${recorded.size} of ${items} recorded, ${torn} torn, ${faults.length} faults`);
  if (faults.length > 20) break;
}

const last = start();
const code = await last.ended;
await look();
if (code !== 0) faults.push(`the last run ended with ${code}: ${last.problem()}`);
const ids = recordedIds(output, kind);
if (ids.length !== items) faults.push(`${ids.length} results for ${items} items`);
if (values.order === "input" && ids.some((id, i) => id !== `item-${i}`))
  faults.push("the results are not in the order of the input");
const requests = await server.requests();
await server[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });

const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  `${kills} kills in ${seconds} s (seed ${values.seed}, ${kind}, order ${values.order}): ${items} items, ${recorded.size} recorded, ` +
    `${requests.length} requests, ${torn} ends torn off`,
);
for (const fault of faults) console.error(`FAULT  ${fault}`);
if (faults.length > 0) process.exitCode = 1;
else console.log("every id is recorded exactly once, and none was sent after it was recorded");
