import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, vi } from "vitest";

// Every test starts a process, and a busy machine takes its time for that.
vi.setConfig({ testTimeout: 30_000 });

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** Waits until standard output holds the text. */
  printed(text: string): Promise<void>;
  /** What it has printed so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

const folder = mkdtempSync(join(tmpdir(), "tsyncio-run-"));
const bundle = join(folder, "tsyncio.mjs");
buildSync({
  entryPoints: [fileURLToPath(new URL("../../src/index.ts", import.meta.url))],
  outfile: bundle,
  bundle: true,
  format: "esm",
  target: "es2022",
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a program of its own: `source` is a module that has everything of the core at hand, as `tsyncio`; `process.env.TSYNCIO` is where it lies. */
export function start(source: string, env: Readonly<Record<string, string>> = {}): Program {
  const text = `import * as tsyncio from ${JSON.stringify(pathToFileURL(bundle).href)};\n${source}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], {
    env: { ...process.env, NODE_OPTIONS: "", TSYNCIO: pathToFileURL(bundle).href, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let look = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    ended,
    output: () => stdout,
    kill: (signal) => void child.kill(signal),
    printed: (expected) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (stdout.includes(expected)) resolve();
        };
        look();
        void ended.then((end) =>
          reject(new Error(`Cannot wait for "${expected}": the program ended with ${JSON.stringify(end)}`)),
        );
      }),
  };
}
