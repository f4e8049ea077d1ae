import { isCoroutineFunction, run } from "tsyncio";
import * as runtime from "tsyncio/runtime";
import { strip } from "../src/stripping/strip.ts";
import { transform } from "../src/transform.ts";

/** What a program did: what it logged, and what it gave or threw. */
export interface Outcome {
  readonly log: readonly unknown[];
  readonly result?: unknown;
  readonly error?: string;
}

export interface BothWays {
  readonly native: Outcome;
  readonly compiled: Outcome;
}

/**
 * Runs a program natively and compiled. It is the body of an async function `(log) => …`, in strict TypeScript;
 * `tick` is a promise that is settled already.
 */
export async function bothWays(program: string): Promise<BothWays> {
  const text = `"use strict"; "use tsyncio";\nexports.main = async function main(log, lib) { const { tick, gone, isCoroutineFunction } = lib;\n${program}\n};`;
  const native = strip(text, "program.cts", { sourcemap: false }).code;
  const { code } = transform(text, { filename: "program.cts", sourcemap: false })!;
  return { native: await outcome(native), compiled: await outcome(code) };
}

async function outcome(code: string): Promise<Outcome> {
  const exports: { main?: (log: (...items: unknown[]) => void, lib: unknown) => PromiseLike<unknown> } = {};
  // oxlint-disable-next-line no-new-func -- the program is a text
  new Function("exports", "require", code)(exports, () => runtime);
  const log: unknown[] = [];
  const lib = {
    tick: (value: unknown) => Promise.resolve(value),
    gone: (error: unknown) => Promise.reject(error),
    isCoroutineFunction,
  };
  try {
    return {
      log,
      result: await run(() => exports.main!((...items) => log.push(items.length === 1 ? items[0] : items), lib)),
    };
  } catch (error) {
    return { log, error: String(error) };
  }
}
