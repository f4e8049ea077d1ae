import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BatchOptions, batch, databaseOutput, jsonlOutput } from "@tsyncio/batch";
import { HttpClient, HttpHeaders, type HttpTransport, RateLimits, type WireRequest } from "@tsyncio/http";
import Database from "libsql";
import { CancelledError, coroutine, createTask, run, sleep } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-cancelled-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEADERS = new HttpHeaders({ "content-type": "application/json" });

/** Answers after some turns of the loop; what is asked for the first time under /2 fails. Counts what was begun and not ended. */
function transport() {
  const seen = new Set<string>();
  const counts = { open: 0 };
  const exchanges: HttpTransport = {
    exchange: coroutine(function* exchange({ url }: WireRequest) {
      counts.open++;
      try {
        for (let i = 0; i < 4; i++) yield* sleep(0);
      } finally {
        counts.open--;
      }
      const status = url.pathname === "/2" && !seen.has(url.pathname) ? 500 : 200;
      seen.add(url.pathname);
      return { status, statusText: "", headers: HEADERS, body: Buffer.from('{"good":true}') };
    }),
    close: coroutine(function* close() {}),
  };
  return { exchanges, counts };
}

type Step = () => PromiseLike<unknown>;
const byIteration: Step = () => sleep(0);
/** Also the answers of the operating system come in. */
const byTurn: Step = () => new Promise((resolve) => setImmediate(resolve));

const KINDS: [name: string, file: string, output: (path: string) => BatchOptions["output"], step: Step][] = [
  ["a file", "results.jsonl", (path) => jsonlOutput(path), byIteration],
  [
    "a file in the order of the input",
    "results.jsonl",
    (path) => jsonlOutput(path, { order: "input", window: 2 }),
    byIteration,
  ],
  ["a database", "results.db", (path) => databaseOutput(path), byIteration],
  ["a file that is read first, and synced", "read.jsonl", (path) => jsonlOutput(path, { sync: "always" }), byTurn],
];

function idsIn(path: string): number[] {
  if (path.endsWith(".jsonl"))
    return readFileSync(path, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).id);
  const database = new Database(path, { readonly: true });
  const rows = database.prepare("SELECT id FROM results").all() as { id: string }[];
  database.close();
  return rows.map(({ id }) => Number(id));
}

describe("cancelled at any moment, a batch leaves nothing behind, and the next one ends it:", () => {
  test.each(KINDS)("%s", (_, file, output, step) =>
    run(async () => {
      let moments = 0;
      for (let after = 0; ; after++) {
        const path = join(folder, `${after}-${file}`);
        if (step === byTurn) writeFileSync(path, '{"id":1,"ok":true}\n');
        const { exchanges, counts } = transport();
        const limits = new RateLimits({ requests: "100000/1s" });
        const options: BatchOptions = {
          template: { url: "http://a/{{n}}" },
          output: output(path),
          client: new HttpClient({ transport: exchanges }),
          limits,
          concurrency: 2,
          retry: { delay: { initial: 1 } },
        };
        const items = [1, 2, 3, 4, 5].map((n) => ({ n }));
        const task = createTask(batch(items, options));
        for (let i = 0; i < after && !task.done(); i++) await step();
        const ended = task.done();
        task.cancel();
        const error: unknown = await Promise.resolve(task).then(
          () => null,
          (thrown) => thrown,
        );
        expect(error instanceof CancelledError).toBe(!ended);
        expect([counts.open, existsSync(`${path}.lock`)]).toEqual([0, false]);
        expect(limits.statistics()).toMatchObject({ open: 0, waiters: 0 });
        expect(await batch(items, options)).toMatchObject({ complete: true, failed: 0 });
        expect(idsIn(path).toSorted()).toEqual([1, 2, 3, 4, 5]);
        if (ended) break;
        moments++;
      }
      // How many turns it takes to read a file is up to the machine.
      expect(moments).toBeGreaterThan(step === byTurn ? 2 : 20);
    }),
  );
});
