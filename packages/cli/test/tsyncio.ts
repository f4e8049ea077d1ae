import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

// Every test starts processes, and a busy machine takes its time for that.
vi.setConfig({ testTimeout: 30_000 });

/** The Node that the command is run on: `TSYNCIO_NODE=/path/to/node`, or the one at hand. */
const node = process.env["TSYNCIO_NODE"] ?? process.execPath;
const command = fileURLToPath(new URL("../bin/tsyncio.js", import.meta.url));
/** Where the programs of the tests lie, and where they are run. */
export const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Waits until standard output holds the text (a second time, when it was waited for before). */
  printed(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** What is piped in; without it the child's input stays open. */
  readonly input?: string;
  /** Another program in the place of the command. */
  readonly program?: readonly [file: string, ...args: string[]];
}

/** Whether `startOnTerminal` works: with `script` of util-linux. */
export const hasTerminal: boolean = /util-linux/.test(
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "",
);

/** Starts the command on a pseudo-terminal: what it shows is on standard output, what is written to its input are keys. */
export function startOnTerminal(args: readonly string[], options: StartOptions = {}): Started {
  const quoted = [node, command, ...args].map((word) => `'${word}'`).join(" ");
  const env = { TERM: "xterm", SHELL: "/bin/sh", ...options.env };
  // A shell that stays would hear Ctrl-C too, and say 130 whatever the command says.
  return start([], { ...options, env, program: ["script", "-qefc", `exec ${quoted}`, "/dev/null"] });
}

/** Starts the command as a user does, and follows what it prints. */
export function start(args: readonly string[], options: StartOptions = {}): Started {
  const [file, ...before] = options.program ?? [node, command];
  const child = spawn(file, [...before, ...args], {
    cwd: options.cwd ?? fixtures,
    env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0", TSYNCIO_REPL_HISTORY: "", ...options.env },
  });
  let stdout = "";
  let stderr = "";
  let read = 0;
  let look = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        const at = stdout.indexOf(text, read);
        if (at === -1) return;
        read = at + text.length;
        look = () => {};
        resolve();
      };
      look();
      void ended.then(() =>
        reject(new Error(`Cannot wait for "${text}": the program ended after ${JSON.stringify({ stdout, stderr })}`)),
      );
    });
  return { child, printed, ended };
}

/** Runs the command to its end. */
export function tsyncio(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return start(args, { input: "", ...options }).ended;
}
