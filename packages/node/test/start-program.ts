import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

// Every test starts a process, and a busy machine takes its time for that.
vi.setConfig({ testTimeout: 30_000 });

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  /** Waits until standard output holds the text (a second time, when it was waited for before). */
  printed(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/**
 * Starts a program of its own: `source` is a module in the generator spelling that has everything of tsyncio and
 * @tsyncio/node at hand, as `tsyncio` and `node`. It has 20 s: it is killed then.
 *
 * @param inherited descriptors of this process, its own 3, 4, …
 * @param stdin whether it has something to read: `child.stdin`.
 */
export function startProgram(
  source: string,
  inherited: readonly number[] = [],
  stdin: "ignore" | "pipe" = "ignore",
): Program {
  const text = `import * as tsyncio from "tsyncio";\nimport * as node from "@tsyncio/node";\n${source}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: [stdin, "pipe", "pipe", ...inherited],
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let read = 0;
  let look = (): void => {};
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    look();
  });
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (expected: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        const at = stdout.indexOf(expected, read);
        if (at === -1) return;
        read = at + expected.length;
        look = () => {};
        resolve();
      };
      look();
      void ended.then((end) =>
        reject(new Error(`Cannot wait for "${expected}": the program ended with ${JSON.stringify(end)}`)),
      );
    });
  return { child, printed, ended };
}
