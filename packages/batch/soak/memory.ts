// npx tsyncio run packages/batch/soak/memory.ts [--items 10000000] [--ids line|number|text] [--order any|input] [--limit 200] [--second]
// A batch over an input of ten million lines, whose requests are answered at once within the process: first all of them, then the same
// again, where every one has its result already. Ends with 0 when neither took more memory (the largest resident set) than the limit.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "10000000" },
    ids: { type: "string", default: "line" },
    order: { type: "string", default: "any" },
    limit: { type: "string", default: "200" },
    /** Leaves the first run out: the results are made up. */
    second: { type: "boolean", default: false },
  },
});
const items = Number(values.items);

/** Three kinds of ids: none but the line, a number after a name, and what looks random. */
function lineOf(i: number): string {
  if (values.ids === "line") return `{"n":${i}}\n`;
  if (values.ids === "number") return `{"id":"item-${i}","n":${i}}\n`;
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b_3c6d) >>> 0;
  return `{"id":"${mixed.toString(16)}-${((i * 2_654_435_761) % 2 ** 40).toString(16)}x","n":${i}}\n`;
}

/** A file of a line for each item. */
async function write(path: string, line: (i: number) => string): Promise<void> {
  const file = createWriteStream(path);
  for (let i = 0; i < items;) {
    let text = "";
    for (const end = Math.min(items, i + 10_000); i < end; i++) text += line(i);
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

function resultOf(i: number): string {
  const { id = i + 1 } = JSON.parse(lineOf(i)) as { readonly id?: string };
  return `${JSON.stringify({ id, ok: true, line: i + 1, status: 200, attempts: 1, elapsed: 0.1, result: { answer: 42 } })}\n`;
}

const folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-memory-"));
const input = join(folder, "input.jsonl");
await write(input, lineOf);
if (values.second) await write(join(folder, "output.jsonl"), resultOf);
console.log(
  `${items} items, ids ${values.ids}, order ${values.order}: ${Math.round(statSync(input).size / 2 ** 20)} MiB of input`,
);
const program = fileURLToPath(new URL("memory-run.mjs", import.meta.url));
for (const name of values.second ? ["second run"] : ["first run", "second run"]) {
  const { stdout, stderr } = spawnSync(process.execPath, [program, folder, values.ids, values.order], {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(`Cannot measure the ${name}: ${stderr}`);
  const { succeeded, skipped, faultCount, seconds, peak } = JSON.parse(stdout) as Record<string, number>;
  console.log(
    `${name}: ${succeeded} sent, ${skipped} skipped, ${faultCount} faults, ${seconds!.toFixed(0)} s ` +
      `(${Math.round(items / seconds!)}/s), peak ${peak!.toFixed(0)} MiB`,
  );
  if (succeeded! + skipped! !== items || peak! > Number(values.limit)) process.exitCode = 1;
}
rmSync(folder, { recursive: true });
