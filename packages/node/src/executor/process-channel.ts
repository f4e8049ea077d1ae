import { fileURLToPath } from "node:url";
import { builtin } from "../builtin.ts";
import { type Channel, type ChannelListener, inheritedFlags, preloads, workerEntry } from "./channel.ts";
import { canSerialise } from "./cloneable.ts";
import type { FromWorker } from "./messages.ts";
import { openProgressFile, progressInFile } from "./progress.ts";

/** What of Node's options a process can be given. */
export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
}

/** Flags that are not handed on: what brings a program that is in no file, with or without its text, and the debugger's port. */
const OWN = /^(?:-e|-p|-pe|--eval|--print|--input-type|--inspect[a-z-]*)(?:=|$)/;
const WITH_TEXT = /^(?:-e|-p|-pe|--eval|--print)$/;

function handedOn(flags: readonly string[]): string[] {
  return flags.filter((flag, i) => !OWN.test(flag) && !(i > 0 && WITH_TEXT.test(flags[i - 1])));
}

/** Starts a process. */
export function openProcess(listener: ChannelListener, options: ProcessOptions): Channel {
  const { env, cwd, execArgv = handedOn(inheritedFlags) } = options;
  const file = progressFile();
  const child = builtin("child_process").fork(
    fileURLToPath(workerEntry("process-main")),
    [file === null ? "" : "4", ...preloads()],
    {
      ...(env === undefined ? undefined : { env }),
      ...(cwd === undefined ? undefined : { cwd }),
      execArgv: [...execArgv],
      stdio: ["inherit", "inherit", "inherit", "ipc", ...(file === null ? [] : [file])],
      serialization: "advanced",
    },
  );
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
    progress: file === null ? null : progressInFile(file),
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

/** null where there is no folder for temporary files. */
function progressFile(): number | null {
  try {
    return openProgressFile();
  } catch {
    return null;
  }
}
