import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A request that the site has had. */
export interface Logged {
  /** In milliseconds, on the clock of the site. */
  readonly at: number;
  readonly host: string;
  readonly path: string;
  /** -1 where the connection was closed before the answer was out. */
  readonly status: number;
  readonly conditional: boolean;
}

/** What a crawl of the whole site must fetch once, by kind: see plan.mjs. */
export type Expected = Record<"pages" | "orphans" | "redirects" | "missing" | "broken" | "notPages", string[]>;

/** The generated site, as a process of its own. */
export interface Site extends AsyncDisposable {
  readonly port: number;
  readonly start: string;
  log(): Promise<Logged[]>;
  expected(): Promise<Expected>;
  reset(): Promise<void>;
}

export async function startSite(pages: number): Promise<Site> {
  const program = fileURLToPath(new URL("main.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, String(pages)], { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`Cannot start the site: it ended with ${code}`)));
    child.stdout.once("data", (data) => resolve(String(data)));
  });
  const { port, control } = JSON.parse(line) as { port: number; control: number };
  const ask = async <T>(path: string) => (await (await fetch(`http://127.0.0.1:${control}${path}`)).json()) as T;
  return {
    port,
    start: `http://127.0.0.1:${port}/`,
    log: () => ask<Logged[]>("/log"),
    expected: () => ask<Expected>("/expected"),
    reset: async () => void (await ask("/reset")),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill();
      }),
  };
}

/** The hosts of the site, as a scope. */
export const SITE_HOSTS: readonly string[] = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`);
