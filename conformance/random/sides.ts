import { type ChildProcess, execFile, spawn } from "node:child_process";
import { type Interface, createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Trace } from "./play.ts";

/** Plays programs, each the body of a printed program. */
export interface Side {
  play(texts: readonly string[]): Promise<readonly Trace[]>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PLAY_PY = fileURLToPath(new URL("play.py", import.meta.url));
const PLAY_TS = fileURLToPath(new URL("play.ts", import.meta.url));
/** A program takes a few milliseconds. */
const LIMIT_MS = 60_000;

/** A process that plays programs; when it dies or hangs the programs are played again, in halves, to find out on which. */
export class PlayerProcess implements Side {
  readonly #command: readonly string[];
  #child: ChildProcess | null = null;
  #answers: Interface | null = null;
  #said = "";
  /** One request at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(command: readonly string[]) {
    this.#command = command;
  }

  play(texts: readonly string[]): Promise<readonly Trace[]> {
    const traces = this.#last.then(() => this.#played(texts));
    this.#last = traces;
    return traces;
  }

  async #played(texts: readonly string[]): Promise<readonly Trace[]> {
    const traces = await this.#ask(texts);
    if (traces !== undefined) return traces;
    const why = this.#said.trim().split("\n").at(-1);
    if (texts.length === 1) return [[`the process died or hung: ${why}`]];
    console.error(`${this.#command[0]} died or hung over ${texts.length} programs, which are played again: ${why}`);
    const half = Math.ceil(texts.length / 2);
    return [...(await this.#played(texts.slice(0, half))), ...(await this.#played(texts.slice(half)))];
  }

  /** The answer of the process; undefined when there is none. */
  async #ask(texts: readonly string[]): Promise<readonly Trace[] | undefined> {
    if (texts.length === 0) return [];
    const child = this.#started();
    const answers = this.#answers!;
    const answer = new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), LIMIT_MS);
      const over = (line?: string): void => {
        clearTimeout(timer);
        answers.removeAllListeners();
        resolve(line);
      };
      answers.once("line", over).once("close", () => over());
    });
    child.stdin!.write(`${JSON.stringify(texts)}\n`);
    const line = await answer;
    if (line !== undefined) return JSON.parse(line) as Trace[];
    this.close();
    return undefined;
  }

  #started(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const [command, ...args] = this.#command as [string, ...string[]];
    this.#said = "";
    const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
    child.stderr.on("data", (text) => (this.#said = `${this.#said}${text}`.slice(-2000)));
    child.stdin.on("error", () => {});
    this.#answers = createInterface({ input: child.stdout });
    return (this.#child = child);
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
  }
}

/** tsyncio from its sources, in a process of its own. */
export function tsyncioPlayer(): PlayerProcess {
  const register = fileURLToPath(import.meta.resolve("@tsyncio/keywords/register"));
  return new PlayerProcess([process.execPath, "--conditions=@tsyncio/source", "--import", register, PLAY_TS]);
}

/** CPython 3.13, where there is one: what PYTHON names, else `python3.13`, else `python3`. */
export async function cpythonPlayer(): Promise<PlayerProcess | undefined> {
  const named = process.env.PYTHON;
  for (const command of named === undefined ? ["python3.13", "python3"] : [named]) {
    if (await isCPython(command)) return new PlayerProcess([command, PLAY_PY]);
  }
  return undefined;
}

async function isCPython(command: string): Promise<boolean> {
  const asks = "import sys; print(sys.implementation.name, *sys.version_info[:2])";
  try {
    return (await promisify(execFile)(command, ["-c", asks])).stdout.trim() === "cpython 3 13";
  } catch {
    return false;
  }
}
