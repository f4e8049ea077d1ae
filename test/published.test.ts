import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install } from "../scripts/single-file.mjs";

const folder = mkdtempSync(join(tmpdir(), "tsyncio-published-"));

beforeAll(async () => {
  await install(folder);
  for (const name of ["tsyncio", "@tsyncio/node"]) {
    const dist = join(folder, "node_modules", name, "dist");
    for (const file of readdirSync(dist)) if (!file.startsWith("single")) rmSync(join(dist, file), { recursive: true });
  }
  cpSync(fileURLToPath(new URL("fixtures/published", import.meta.url)), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, TSYNCIO_DEBUG: "1" } });

test("the packages as they are published work on Node without any other file than those made for it", async () => {
  const { stdout, stderr } = await start("program.mjs");

  expect(stdout.split("\n")).toEqual([
    "ThreadPoolExecutor 2 3",
    "ProcessPoolExecutor 2 3",
    "HELLO",
    "undefined",
    expect.stringMatching(/^<TimerHandle .*callback\(\)/),
    "",
  ]);
  // The place is in the program: the package knows its own frames.
  expect(stderr).toMatch(/coroutine "forgotten" was made and not started.*\nmade at:\n.*program\.mjs/);
});

test("no function or class that shows in messages has lost its name", async () => {
  const program = `
    import * as tsyncio from "tsyncio";
    import * as node from "@tsyncio/node";
    for (const [name, value] of [...Object.entries(tsyncio), ...Object.entries(node)])
      if (typeof value === "function" && value.name !== name) console.log(name, value.name);
  `;
  await expect(start("--input-type=module", "--eval", program)).resolves.toMatchObject({ stdout: "" });
});
