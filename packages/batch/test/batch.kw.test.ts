import { readFileSync, rmSync, mkdtempSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batch, jsonlOutput } from "@tsyncio/batch";
import { run } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiServer } from "../../../test/api-servers/index.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-"));
  output = join(folder, "results.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (path = output) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("sends a request for every item and records the results", async () => {
  await using server = await ApiServer.listening();
  const report = await run(() => batch(
    Array.from({ length: 200 }, (_, i) => ({ n: i })), {
      template: { url: `${server.url}/v1/chat/completions`, json: { model: "m", messages: [{ role: "user", content: "n {{n}}" }] } },
      output,
      concurrency: 8,
    }));
  console.log(report, lines()[0]);
  expect(lines()).toHaveLength(200);
});
