import { type Coroutine, type Duration, coroutine, getRunningLoop, milliseconds } from "tsyncio";
import { checkedLimit } from "../stream/incoming.ts";
import type { StreamReader } from "../stream/stream-reader.ts";
import type { StreamWriter } from "../stream/stream-writer.ts";
import { Process } from "./process.ts";
import { type SpawnPlan, execPlan, shellPlan } from "./spawn-plan.ts";
import { startSubprocess } from "./start-subprocess.ts";
import type { ShellOptions, SubprocessOptions } from "./subprocess-options.ts";
import { SubprocessStreamProtocol } from "./subprocess-stream-protocol.ts";

interface ProcessOptions {
  /** How much is read ahead from a pipe before the child is held back: see `StreamReader`. Default: 65536. */
  readonly limit?: number;
  /** How long a child that is disposed of has between SIGTERM and SIGKILL. Default: 5 s. */
  readonly killGrace?: Duration;
}

/** Options of `createSubprocessExec`. Streams that are not given are the same as of this process. */
export interface CreateSubprocessOptions extends SubprocessOptions, ProcessOptions {}

/** Options of `createSubprocessShell`. Streams that are not given are the same as of this process. */
export interface CreateShellOptions extends ShellOptions, ProcessOptions {}

/** The stream for an option: there for "pipe", else null. */
type Piped<Options, Name extends string, Stream> = Options extends { readonly [_ in Name]: infer Given }
  ? Given extends "pipe"
    ? Stream
    : null
  : Options extends { readonly [_ in Name]?: infer Given }
    ? "pipe" extends Given
      ? Stream | null
      : null
    : null;

/** The process that is started with these options: a stream that is a pipe is known to be there. */
export type ProcessOf<Options> = Process<
  Piped<Options, "stdin", StreamWriter>,
  Piped<Options, "stdout", StreamReader>,
  Piped<Options, "stderr", StreamReader>
>;

const KNOWN = ["limit", "killGrace"];
const KILL_GRACE = 5_000;

/**
 * Starts a program as a child process. Its arguments reach it as they are, no shell is involved.
 *
 * **When cancelled**: the child is killed, and waited for.
 *
 * @throws Node's error when it cannot be started: `code` "ENOENT" for a program that is not there, "EACCES", "EAGAIN", …
 * @throws {TypeError} for options that do not exist.
 * @example
 * ```ts
 * import { createSubprocessExec } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * async function main() {
 *   await using child = await createSubprocessExec("sort", ["-r"], { stdin: "pipe", stdout: "pipe" });
 *   const [stdout] = await child.communicate("one\ntwo\n");
 *   console.log(String(stdout).trimEnd(), child.returncode);
 * }
 * await run(main()); // → two
 * // → one 0
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-subprocess.html#asyncio.create_subprocess_exec
 */
export function createSubprocessExec<const Options extends CreateSubprocessOptions = {}>(
  program: string | URL,
  args: readonly (string | URL)[] = [],
  options: Options = {} as Options,
): Coroutine<ProcessOf<Options>> {
  return created(execPlan(program, args, options, "inherit", KNOWN), options) as Coroutine<ProcessOf<Options>>;
}

/**
 * Starts a command of the shell as a child process. What comes from elsewhere does not belong into the command: its quotes
 * and semicolons would be obeyed.
 *
 * **When cancelled**: the shell is killed, and waited for.
 *
 * @throws Node's error when the shell cannot be started.
 * @throws {TypeError} for what is no text, and for options that do not exist.
 * @see https://docs.python.org/3.13/library/asyncio-subprocess.html#asyncio.create_subprocess_shell
 */
export function createSubprocessShell<const Options extends CreateShellOptions = {}>(
  command: string,
  options: Options = {} as Options,
): Coroutine<ProcessOf<Options>> {
  return created(shellPlan(command, options, "inherit", KNOWN), options) as Coroutine<ProcessOf<Options>>;
}

function created(plan: SpawnPlan, { limit, killGrace = KILL_GRACE }: ProcessOptions): Coroutine<Process> {
  return creating(plan, checkedLimit(limit), milliseconds(killGrace));
}

const creating = coroutine(function* createSubprocess(plan: SpawnPlan, limit: number, killGrace: number) {
  const loop = getRunningLoop();
  const protocol = new SubprocessStreamProtocol(limit, loop);
  const transport = yield* startSubprocess(protocol, plan);
  return new Process(transport, protocol, loop, killGrace);
});
