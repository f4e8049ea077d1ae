import { dirname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { endProcess, exitCodeOf, FAILED, NEVER_SETTLED, WRONG_USAGE } from "./end-process.ts";
import { colorsFor } from "./errors/colors.ts";
import { coroutineChain } from "./errors/coroutine-chain.ts";
import { showError } from "./errors/show-error.ts";
import { programPath, UsageError } from "./program-file.ts";
import { loadRuntime, type Runtime } from "./runtime.ts";

const STACK_LINES = 50;

export interface RunOptions {
  readonly debug?: boolean;
}

/**
 * Runs a program in this process, as `node file args...` does: its arguments, its streams and its exit code are its own.
 * An error that nobody caught is shown in the program's terms and ends the process with 1.
 */
export async function runCommand(file: string, args: readonly string[], options: RunOptions): Promise<void> {
  const path = await pathOrEnd(file);
  if (options.debug) process.env["TSYNCIO_DEBUG"] = "1";
  process.argv.splice(1, process.argv.length, path, ...args);
  // A coroutine takes several lines of a stack.
  Error.stackTraceLimit = STACK_LINES;

  // Before the loader, which then need not look at the files of the runtime.
  const runtime = await loadRuntime(dirname(path));
  await import("@tsyncio/keywords/register");
  process.on("uncaughtException", (error) => {
    // The program has a handler of its own, which then decides, as under node.
    if (process.listenerCount("uncaughtException") === 1) void fail(error, runtime, path);
  });
  const loaded = reportUnsettled(path);
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    await fail(error, runtime, path);
  } finally {
    loaded();
  }
}

async function pathOrEnd(file: string): Promise<string> {
  try {
    return programPath(file);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return endProcess(WRONG_USAGE);
  }
}

async function fail(error: unknown, { tsyncio, folders }: Runtime, entry: string): Promise<never> {
  if (error instanceof tsyncio.KeyboardInterrupt) {
    // The terminal shows "^C" without a line feed.
    if (process.stderr.isTTY && error.signal === "SIGINT") process.stderr.write("\n");
    return endProcess(exitCodeOf(error.signal));
  }
  const chain = coroutineChain(tsyncio.coroutineTrace, folders);
  const text = showError(error, { colors: colorsFor(process.stderr), hidden: folders, chain, entry });
  process.stderr.write(`${text}\n`);
  return endProcess(FAILED);
}

/** Says so when the program ends while its module still waits at the top level. Call what it gives once that is over. */
function reportUnsettled(path: string): () => void {
  let settled = false;
  let ranDry = false;
  // process.exit does not come through here: then the program chose to end.
  process.on("beforeExit", () => {
    ranDry = true;
  });
  process.on("exit", (code) => {
    if (settled || !ranDry || code !== 0) return;
    process.exitCode = NEVER_SETTLED;
    const name = relative(process.cwd(), path);
    console.error(
      `${name}: The program ended while its top-level await was still waiting; nothing was left that could end it`,
    );
  });
  return () => {
    settled = true;
  };
}
