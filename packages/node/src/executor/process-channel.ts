import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Channel, type ChannelListener, preloads, workerEntry } from "./channel.ts";
import type { FromWorker } from "./messages.ts";

/** What of Node's options a process can be given. */
export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
}

/** Starts a process. */
export function openProcess(listener: ChannelListener, options: ProcessOptions): Channel {
  const child = fork(fileURLToPath(workerEntry("process-main")), [...preloads()], {
    ...(options.env === undefined ? undefined : { env: options.env }),
    ...(options.execArgv === undefined ? undefined : { execArgv: [...options.execArgv] }),
    ...(options.cwd === undefined ? undefined : { cwd: options.cwd }),
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
    error = reason;
    // It did not start.
    if (child.pid === undefined) exit(null, null);
  });
  // Its last messages have been read by then, which "exit" does not promise.
  child.on("close", exit);
  return {
    id: child.pid ?? 0,
    post(message) {
      // A process that is gone is told of by "close".
      if (child.connected) child.send(message, undefined, undefined, (reason) => void (error ??= reason));
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
