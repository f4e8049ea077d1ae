import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What a program printed and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, or the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
}

/** A folder for programs, from which `tsyncio` is found: built from the sources, once for each test file. */
let folder: Promise<string> | undefined;

async function makeFolder(): Promise<string> {
  const made = mkdtempSync(join(tmpdir(), "tsyncio-core-"));
  const door = join(made, "node_modules/tsyncio");
  mkdirSync(door, { recursive: true });
  await build({
    entryPoints: [join(root, "src/index.ts")],
    outfile: join(door, "index.js"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "node20.19",
  });
  writeFileSync(join(door, "package.json"), `{ "name": "tsyncio", "type": "module", "exports": "./index.js" }`);
  return made;
}

let programs = 0;

/**
 * Runs a program in a Node of its own. `onLine` is called at each line that it prints, with the process: to send it a
 * signal, for one.
 */
export async function runProgram(
  text: string,
  options: { readonly onLine?: (line: string, child: ChildProcess) => void; readonly args?: readonly string[] } = {},
): Promise<Ended> {
  folder ??= makeFolder();
  const file = join(await folder, `program-${++programs}.mjs`);
  writeFileSync(file, text);
  const child = spawn(process.execPath, [...(options.args ?? []), file], {
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
  });
  let stdout = "";
  let stderr = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    const lines = stdout.split("\n");
    for (; seen < lines.length - 1; seen++) options.onLine?.(lines[seen], child);
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (stderr += chunk));
  const status = await new Promise<Ended["status"]>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  return { stdout, stderr, status };
}
