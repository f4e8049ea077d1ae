import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BatchError, OutputLockedError } from "@tsyncio/batch";
import { OutputLock } from "../../src/journal/output-lock.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-lock-"));
  output = join(folder, "results.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that holds the lock until it is killed. */
async function holder(): Promise<ChildProcess> {
  const module = new URL("../../dist/journal/output-lock.js", import.meta.url).href;
  const program = `import { OutputLock } from ${JSON.stringify(module)};
    OutputLock.take(${JSON.stringify(output)}); console.log("held"); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout!.once("data", resolve));
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
}

test("a second one in the same process is refused, until the first is released", () => {
  const lock = OutputLock.take(output);
  expect(() => OutputLock.take(output)).toThrow(
    new OutputLockedError(
      `Cannot write ${output}: another batch of this process writes it at this moment; wait for its end, or name another output`,
      process.pid,
    ),
  );
  lock.release();
  OutputLock.take(output).release();
  expect(existsSync(`${output}.lock`)).toBe(false);
});

test("one of another process is refused with its number", async () => {
  const child = await holder();
  try {
    expect(() => OutputLock.take(output)).toThrow(
      expect.objectContaining({ code: "TSYNCIO_BATCH_LOCKED", pid: child.pid }),
    );
    // The attempt took nothing from who has it.
    expect(() => OutputLock.take(output)).toThrow(`process ${child.pid} writes it at this moment`);
  } finally {
    await killed(child);
  }
});

test("a process that was killed holds it no longer", async () => {
  await killed(await holder());
  expect(existsSync(`${output}.lock`)).toBe(true);
  OutputLock.take(output).release();
  expect(existsSync(`${output}.lock`)).toBe(false);
});

test("two names of one file are one lock", () => {
  writeFileSync(output, "");
  const link = join(folder, "link.jsonl");
  symlinkSync(output, link);
  const lock = OutputLock.take(link);
  expect(() => OutputLock.take(output)).toThrow(OutputLockedError);
  lock.release();
});

test("releasing twice does not take it from somebody else", () => {
  const first = OutputLock.take(output);
  first.release();
  const second = OutputLock.take(output);
  first.release();
  expect(() => OutputLock.take(output)).toThrow(OutputLockedError);
  second.release();
});

test("a folder that is not there is named", () => {
  expect(() => OutputLock.take(join(folder, "no/where.jsonl"))).toThrow(
    new BatchError(`Cannot write ${join(folder, "no/where.jsonl")}: there is no folder ${join(folder, "no")}`),
  );
});
