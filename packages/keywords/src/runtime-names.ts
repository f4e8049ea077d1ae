import type { Names } from "./names.ts";

/** What the runtime exports to compiled code. */
export type RuntimeExport =
  | "SUSPEND"
  | "agen"
  | "agenMethod"
  | "call"
  | "callFrame"
  | "callMethod"
  | "callTail"
  | "callable"
  | "coro"
  | "delegate"
  | "disposal"
  | "emit"
  | "enter"
  | "frame"
  | "frameMethod"
  | "handOn"
  | "invoke"
  | "iterate"
  | "leave"
  | "leaveMethod"
  | "loop"
  | "mark"
  | "method"
  | "methodFrame"
  | "tail";

/** The exports of the runtime that a file has come to use, each under a name of its own. */
export class RuntimeNames {
  readonly #names: Names;
  readonly #used = new Map<RuntimeExport, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  get(name: RuntimeExport): string {
    let local = this.#used.get(name);
    if (local === undefined) this.#used.set(name, (local = this.#names.fresh(`$${name}`)));
    return local;
  }

  /** The statement that brings them in, without a line break; empty when nothing is used. */
  declaration(runtime: string, format: "module" | "commonjs"): string {
    if (this.#used.size === 0) return "";
    const commonjs = format === "commonjs";
    const list = [...this.#used].map(([name, local]) => `${name}${commonjs ? ":" : " as "}${local}`).join(",");
    const request = JSON.stringify(runtime);
    return commonjs ? `const{${list}}=require(${request});` : `import{${list}}from${request};`;
  }
}
