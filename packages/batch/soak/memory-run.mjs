// The batch of memory.ts, in a process that has nothing else in it: folder, ids, order. Tells its largest resident set.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { batch, jsonlOutput } from "@tsyncio/batch";
import { HttpClient, HttpHeaders } from "@tsyncio/http";
import { coroutine, run } from "tsyncio";

const [folder, ids, order] = process.argv.slice(2);
const headers = new HttpHeaders({ "content-type": "application/json" });
const body = Buffer.from('{"answer":42}');
/** Answers at once. */
const transport = {
  exchange: coroutine(function* exchange() {
    return { status: 200, statusText: "OK", headers, body };
  }),
  close: coroutine(function* close() {}),
};

const began = performance.now();
const report = await run(() =>
  batch(join(folder, "input.jsonl"), {
    template: { url: "http://127.0.0.1:1/", json: { n: "{{n}}" } },
    ...(ids === "line" ? {} : { id: "id" }),
    output: jsonlOutput(join(folder, "output.jsonl"), { order }),
    client: new HttpClient({ transport }),
    concurrency: 64,
  }),
);
const seconds = (performance.now() - began) / 1000;
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
const { succeeded, skipped, faultCount } = report;
console.log(JSON.stringify({ succeeded, skipped, faultCount, seconds, peak }));
