import { ThreadPoolExecutor } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { jobs } from "./kinds.ts";

const descriptors = () => readdirSync("/proc/self/fd").length;

/** Threads that are ended while they load their own program, the runtime, or the module of their job. */
async function endEarly(pause: number) {
  const pool = new ThreadPoolExecutor({ maxWorkers: 2, cancelGrace: 0 });
  const waiting = [pool.submit(jobs.shout, "a"), pool.submit(jobs.shout, "b")];
  await sleep(pause);
  for (const job of waiting) job.cancel();
  await pool.shutdown();
}

test.skipIf(process.platform !== "linux")("a thread that is ended while it loads modules leaves no file open", () =>
  nodeProgram(async () => {
    // What Node opens with the first thread, and keeps.
    await endEarly(200);
    const before = descriptors();
    for (let round = 0; round < 12; round++) await endEarly(8 * round);
    expect(descriptors()).toBe(before);
  }),
);
