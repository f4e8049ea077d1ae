import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The website, running in a process of its own. */
export interface SiteProcess extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
}

/** Arguments of the site's program. */
export interface SiteArguments {
  readonly seed: string;
  /** How many records of each kind are published; undefined for all of them. */
  readonly records: number | undefined;
}

/** The site did not start. */
export class SiteError extends Error {}

/**
 * Starts the site in a process of its own and waits until it answers. The process ends with this one, however this one
 * ends. This file imports nothing from tsyncio, so its async functions are JavaScript's own.
 */
export async function openSite({ seed, records }: SiteArguments, signal: AbortSignal): Promise<SiteProcess> {
  const limit = records === undefined ? [] : ["--records", String(records)];
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), ["--seed", seed, ...limit], {
    // The package that strips its types is found from here.
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    execArgv: ["--import", "@tsyncio/keywords/register"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  try {
    return { origin: await originOf(child, signal), [Symbol.asyncDispose]: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function originOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const left = new AbortController();
  try {
    const either = AbortSignal.any([signal, left.signal]);
    const exit = once(child, "exit", { signal: either }).then(([code]) => {
      throw new SiteError(`Cannot start the site: its process ended with code ${code}; see above what it printed`);
    });
    const [message] = (await Promise.race([once(child, "message", { signal: either }), exit])) as [{ origin: string }];
    return message.origin;
  } finally {
    left.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
