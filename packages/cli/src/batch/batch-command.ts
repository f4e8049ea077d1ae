import { type BatchEvent, type BatchReport, BatchError, OutputLockedError, batch } from "@tsyncio/batch";
import { run } from "tsyncio";
import { endProcess, exitCodeOf, FAILED, WRONG_USAGE } from "../end-process.ts";
import { UsageError } from "../program-file.ts";
import type { BatchFlags } from "./batch-flags.ts";
import { type BatchSettings, batchSettings } from "./batch-settings.ts";
import { jsonEvents } from "./json-events.ts";
import { progressLines } from "./progress-lines.ts";
import { terminalProgress } from "./terminal-progress.ts";

/** Exit codes of `tsyncio batch`, beside those of every command. */
const INCOMPLETE = 3;
const STOPPED = 4;
const LOCKED = 5;

const TERMINAL_INTERVAL = 250;
const LINE_INTERVAL = 10_000;
const JSON_INTERVAL = 1_000;

/** Shows what happens. */
export interface Display {
  readonly show: (event: BatchEvent) => void;
  /** How often progress is shown, in milliseconds. */
  readonly interval: number;
  /** Leaves the terminal as it was. */
  readonly close: () => void;
}

/** `tsyncio batch`: sends a request for every line, shows how it goes, and ends the process with what became of it. */
export async function batchCommand(input: string, flags: BatchFlags): Promise<void> {
  let settings: BatchSettings;
  try {
    settings = await batchSettings(input, flags);
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentFault(error)) throw error;
    console.error((error as Error).message);
    return endProcess(WRONG_USAGE);
  }
  const display = displayFor(flags);
  const interrupts = new Interrupts(display);
  try {
    const { signal } = interrupts;
    const options = { ...settings.options, signal, onEvent: display.show, progressInterval: display.interval };
    const report = await run(() => batch(settings.input, options), { handleSignals: false });
    display.close();
    return await endProcess(interrupts.exitCode ?? exitCodeFor(report));
  } catch (error) {
    display.close();
    if (!(error instanceof BatchError) && !isArgumentFault(error)) throw error;
    console.error((error as Error).message);
    return endProcess(error instanceof OutputLockedError ? LOCKED : isArgumentFault(error) ? WRONG_USAGE : FAILED);
  }
}

function exitCodeFor({ stopped, failures, faultCount }: BatchReport): number {
  if (stopped !== null) return STOPPED;
  return failures > 0 || faultCount > 0 ? INCOMPLETE : 0;
}

/** What the arguments of a function of the library were refused with: here they come from the command line. */
function isArgumentFault(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof RangeError) && error.message.startsWith("Cannot ");
}

function displayFor({ json, quiet }: BatchFlags): Display {
  if (json) return { show: jsonEvents(process.stdout), interval: JSON_INTERVAL, close: () => {} };
  if (quiet) return { show: () => {}, interval: Infinity, close: () => {} };
  if (process.stderr.isTTY) return terminalProgress(process.stderr, TERMINAL_INTERVAL);
  return progressLines(process.stderr, LINE_INTERVAL);
}

/** The first SIGINT or SIGTERM stops the batch, the second ends the process. */
class Interrupts {
  readonly #controller: AbortController = new AbortController();
  exitCode: number | null = null;

  constructor(display: Display) {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => {
        if (this.exitCode !== null) {
          display.close();
          process.exit(this.exitCode);
        }
        this.exitCode = exitCodeOf(name);
        this.#controller.abort(name === "SIGINT" ? "Ctrl-C" : name);
      });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}
