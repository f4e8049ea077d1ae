import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ApiServerOptions } from "./api-server.ts";
import type { FaultPlan } from "./faults.ts";
import type { LoggedRequest } from "./request-log.ts";

/** What the parent asks for. */
export type Ask = { readonly ask: "requests" } | { readonly plan: FaultPlan };
/** What the child answers. */
export type Answer =
  | { readonly url: string }
  | { readonly requests: readonly LoggedRequest[] }
  | { readonly planned: true };

const command = fileURLToPath(new URL("../../packages/cli/bin/tsyncio.js", import.meta.url));
const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** An `ApiServer` in a process of its own: it takes no time from who tests against it, and outlives what is killed. */
export class ApiProcess implements AsyncDisposable {
  /** `http://127.0.0.1:…` */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async listening(options: Omit<ApiServerOptions, "answer"> = {}): Promise<ApiProcess> {
    const child = fork(command, ["run", main, JSON.stringify(options)], {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    const { url } = (await answerOf(child)) as { url: string };
    return new ApiProcess(child, url);
  }

  /** Every request that has come until now. */
  async requests(): Promise<readonly LoggedRequest[]> {
    const { requests } = (await this.#ask({ ask: "requests" })) as { requests: readonly LoggedRequest[] };
    return requests;
  }

  /** From now on this goes wrong. */
  async plan(faults: FaultPlan): Promise<void> {
    await this.#ask({ plan: faults });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #ask(ask: Ask): Promise<Answer> {
    const answer = answerOf(this.#child);
    this.#child.send(ask);
    return answer;
  }
}

/** What the child says next. */
function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null): void => {
      child.off("message", said);
      reject(new Error(`Cannot ask the API server: its process ended with ${code ?? signal}`));
    };
    const said = (message: unknown): void => {
      child.off("exit", died);
      resolve(message as Answer);
    };
    child.once("exit", died).once("message", said);
  });
}
