import type { SpawnOptions } from "node:child_process";
import type { Stream } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ShellOptions, Stdio, SubprocessOptions } from "./subprocess-options.ts";

/** What is to be started, checked. */
export interface SpawnPlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly shell: string | boolean;
  readonly options: SubprocessOptions;
  readonly stdin: Stdio;
  readonly stdout: Stdio;
  readonly stderr: Stdio | "stdout";
}

const KNOWN: ReadonlySet<string> = new Set<keyof SubprocessOptions>([
  "stdin",
  "stdout",
  "stderr",
  "cwd",
  "env",
  "detached",
  "argv0",
  "uid",
  "gid",
  "windowsHide",
]);
/** What people look for, and find elsewhere. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  shell: "call the function for a shell command",
  stdio: "pass stdin, stdout and stderr",
  encoding: "output is bytes: decode it",
  text: "output is bytes: decode it",
  timeout: "use timeout() around what waits for the child",
  signal: "cancel the task that waits for the child",
};

/**
 * The plan for a program. `otherwise` is where streams lead that are not given, `more` are options of the caller.
 *
 * @throws {TypeError} for what is no word, and for an option that does not exist.
 */
export function execPlan(
  program: unknown,
  args: unknown,
  options: SubprocessOptions,
  otherwise: Stdio,
  more: readonly string[] = [],
): SpawnPlan {
  checkOptions(options, more);
  if (!Array.isArray(args))
    throw new TypeError(`Cannot create subprocess: arguments must be an array, received ${String(args)}`);
  return planned(wordOf(program), args.map(wordOf), false, options, otherwise);
}

/**
 * The plan for a command of the shell.
 *
 * @throws {TypeError} for what is no text, and for an option that does not exist.
 */
export function shellPlan(
  command: unknown,
  options: ShellOptions,
  otherwise: Stdio,
  more: readonly string[] = [],
): SpawnPlan {
  checkOptions(options, ["shell", ...more]);
  if (typeof command !== "string")
    throw new TypeError(`Cannot create subprocess: a shell command must be a string, received ${String(command)}`);
  const { shell } = options;
  if (shell !== undefined && typeof shell !== "string")
    throw new TypeError(
      `Cannot create subprocess: option "shell" must be the path of a shell, received ${String(shell)}`,
    );
  return planned(command, [], shell ?? true, options, otherwise);
}

function checkOptions(options: object, more: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (KNOWN.has(name) || more.includes(name)) continue;
    const advice = ELSEWHERE[name];
    throw new TypeError(
      `Cannot create subprocess: there is no option "${name}"${advice === undefined ? "" : `; ${advice}`}`,
    );
  }
}

function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof URL) return fileURLToPath(value);
  throw new TypeError(`Cannot create subprocess: program and arguments must be strings, received ${String(value)}`);
}

function planned(
  program: string,
  args: readonly string[],
  shell: string | boolean,
  options: SubprocessOptions,
  otherwise: Stdio,
): SpawnPlan {
  const { stdin = otherwise, stdout = otherwise, stderr = otherwise } = options;
  return { program, args, shell, options, stdin, stdout, stderr };
}

/** Whether stdout and stderr share a pipe: Node cannot make that one. */
export function sharesPipe({ stdout, stderr }: SpawnPlan): boolean {
  return stdout === "pipe" && stderr === "stdout";
}

/** What `spawn` is told. `shared` is the pipe that stdout and stderr share. */
export function spawnOptions(plan: SpawnPlan, shared: Stream | null): SpawnOptions {
  const { options, shell, stdin, stderr } = plan;
  const { cwd, env, detached, argv0, uid, gid, windowsHide } = options;
  const stdout = shared ?? plan.stdout;
  const errors = stderr !== "stdout" ? stderr : stdout === "inherit" ? 1 : stdout;
  return { cwd, env, detached, argv0, uid, gid, windowsHide, shell, stdio: [stdin, stdout, errors] };
}
