import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Channel, type ChannelListener, preloads, workerEntry } from "./channel.ts";
import { canSerialise } from "./cloneable.ts";
import type { FromWorker } from "./messages.ts";

/** What of Node's options a process can be given. */
export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
}

/** Flags of this process that are not handed on: of a program that came from the command line, and the debugger's port. */
const OWN = /^--(?:input-type|inspect)/;

/** Starts a process. */
export function openProcess(listener: ChannelListener, options: ProcessOptions): Channel {
  const { env, cwd, execArgv = process.execArgv } = options;
  // As it is, Node leaves out the text of `node -e`.
  const flags = execArgv.some((flag) => OWN.test(flag)) ? execArgv.filter((flag) => !OWN.test(flag)) : execArgv;
  const child = fork(fileURLToPath(workerEntry("process-main")), [...preloads()], {
    ...(env === undefined ? undefined : { env }),
    ...(cwd === undefined ? undefined : { cwd }),
    execArgv: flags as string[],
    serialization: "advanced",
  });
  let error: unknown = null;
  let gone = false;
  const exit = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (gone) return;
    gone = true;
    listener.exit({ code, signal, error });
  };
  child.on("message", (message) => listener.message(message as FromWorker));
  child.on("error", (reason) => {
    // It did not start. Other errors are of messages to one that is gone, of which "close" tells.
    if (child.pid !== undefined) return;
    error = reason;
    exit(null, null);
  });
  // Its last messages have been read by then, which "exit" does not promise.
  child.on("close", exit);
  return {
    canCarry: canSerialise,
    post(message) {
      if (child.connected) child.send(message, undefined, undefined, ignored);
    },
    terminate: () => void child.kill("SIGKILL"),
    hold(held) {
      if (held) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
  };
}

function ignored(): void {}
