import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const node = process.env["TSYNCIO_NODE"] ?? process.execPath;
const command = fileURLToPath(new URL("../packages/cli/bin/tsyncio.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Waits until one of the streams holds what is looked for, and gives the match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

/** Starts a program by `tsyncio run`, and follows what it prints. */
export function startProgram(main: URL, args: readonly string[]): Started {
  const child = spawn(node, [command, "run", fileURLToPath(main), ...args], {
    env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: undefined, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const look = () => watchers.forEach((watcher) => watcher());
  child.stdout.setEncoding("utf8").on("data", (text: string) => void ((stdout += text), look()));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void ((stderr += text), look()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const watcher = () => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match === null) return;
        watchers.delete(watcher);
        resolve(match);
      };
      watchers.add(watcher);
      watcher();
      void ended.then(() => reject(new Error(`Cannot find ${pattern}: it ended after ${stdout}\n${stderr}`)));
    });
  return { child, printed, ended };
}
