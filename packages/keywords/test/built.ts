import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The Node that the tests run programs on: `TSYNCIO_NODE=/path/to/node`, or the one at hand. */
export const node = process.env["TSYNCIO_NODE"] ?? process.execPath;

export interface Built {
  /** Where `register.js`, `vitest.js` and the other doors lie. */
  readonly doors: string;
  /** A folder for programs, with `tsyncio` in reach. */
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  remove(): void;
}

/** Builds the doors as they are published, in a folder from which their dependencies resolve, and a `tsyncio` over promises. */
export async function buildDoors(name: string): Promise<Built> {
  const doors = join(root, "node_modules", `.test-${name}`);
  const folder = mkdtempSync(join(tmpdir(), `tsyncio-${name}-`));
  await bundle(
    ["index", "register", "hooks", "plugin", "vitest", "vitest-setup"].map((door) => join(root, `src/${door}.ts`)),
    doors,
  );
  for (const place of [folder, doors]) {
    const runtime = join(place, "node_modules/tsyncio");
    await bundle([join(root, "test/fixtures/promise-runtime.ts")], runtime);
    const entry = "./promise-runtime.js";
    writeFileSync(
      join(runtime, "package.json"),
      JSON.stringify({ name: "tsyncio", type: "module", exports: { ".": entry, "./runtime": entry } }),
    );
  }
  return {
    doors,
    folder,
    write(files) {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
      }
    },
    remove() {
      rmSync(doors, { recursive: true });
      rmSync(folder, { recursive: true });
    },
  };
}

async function bundle(entryPoints: string[], outdir: string): Promise<void> {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    logLevel: "silent",
  });
  writeFileSync(join(outdir, "package.json"), `{ "type": "module" }`);
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and gives what it printed. */
export function run(args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(node, args, { cwd, env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" } }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
