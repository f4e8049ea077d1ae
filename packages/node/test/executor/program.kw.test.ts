import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startProgram } from "../start-program.ts";
import "./kinds.ts";
import { until } from "./notes.ts";

const cli = fileURLToPath(new URL("../../../cli/bin/tsyncio.js", import.meta.url));

test("tsyncio run: workers compile TypeScript and the keywords, as the program is compiled", async () => {
  const app = fileURLToPath(new URL("../fixtures/app.ts", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, "run", app], { timeout: 20_000 });
  const source = readFileSync(new URL("../fixtures/jobs.ts", import.meta.url), "utf8").split("\n");
  const line = source.findIndex((text) => text.includes("too late")) + 1;
  const of = ["ann", "ann", `jobs.ts:${line}`, "42"];
  expect({ stdout: stdout.trimEnd().split("\n"), stderr }).toEqual({
    stdout: ["ann! none true", ...of, ...of],
    stderr: "",
  });
});

/** Ends the whole group, as Ctrl-C at a terminal does. */
function interrupt(child: ChildProcess): void {
  process.kill(-child.pid!, "SIGINT");
}

test("Ctrl-C at a terminal: the program decides, its processes go on until it lets them go", async () => {
  const source = `import * as tsyncio from "tsyncio"; import * as node from "@tsyncio/node";
    const main = tsyncio.coroutine(function* () {
      const pool = new node.ProcessPoolExecutor({ maxWorkers: 1 });
      try {
        yield pool.submit(() => 1);
        yield pool.submit((ms) => (console.log("begun"), new Promise((resolve) => setTimeout(resolve, ms))), 60_000);
      } finally {
        // The worker is still there for it.
        console.log("cleans up", yield new node.ProcessPoolExecutor({ maxWorkers: 1 }).submit(() => "with a process"));
        yield pool.shutdown({ cancelFutures: true });
        console.log("ended", JSON.stringify(pool.statistics()));
      }
    });
    try { await tsyncio.run(main()); } catch (error) { console.log(error.name); }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  await until(() => stdout.includes("begun"));
  interrupt(child);
  await new Promise((resolve) => child.once("close", resolve));
  expect(stdout.trimEnd().split("\n")).toEqual([
    "begun",
    "cleans up with a process",
    expect.stringMatching(/^ended \{"workers":0,"idle":0,"queued":0,"running":0,"completed":1,"broken":1\}$/),
    "KeyboardInterrupt",
  ]);
});

test("an error that nobody caught in a thread without a job is told of", async () => {
  const source = `await tsyncio.run(tsyncio.coroutine(function* () {
      const pool = new node.ThreadPoolExecutor({ maxWorkers: 1 });
      yield pool.submit(() => { setTimeout(() => { throw new Error("left behind"); }, 5); });
      while (pool.statistics().workers > 0) yield tsyncio.sleep(5);
      console.log(yield pool.submit(() => "goes on"));
    })());`;
  const { code, stdout, stderr } = await startProgram(source).ended;
  expect([code, stdout]).toEqual([0, "goes on\n"]);
  expect(stderr).toContain("tsyncio: a thread without a job ended by an error that nobody caught Error: left behind");
});

test("workers of a program from the command line load files", async () => {
  const source = `await tsyncio.run(tsyncio.coroutine(function* () {
      for (const Pool of [node.ThreadPoolExecutor, node.ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 });
        const path = node.remote("node:path");
        console.log(yield pool.submit(path.basename, "/a/b"));
      }
    })());`;
  const { code, stdout, stderr } = await startProgram(source).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "b\nb\n", stderr: "" });
});
