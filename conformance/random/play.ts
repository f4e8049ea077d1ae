"native async";
// Plays programs on tsyncio in virtual time: a JSON list of texts a line in, a JSON list of traces a line out.
import { createInterface } from "node:readline";
import { transform } from "@tsyncio/keywords";
import * as tsyncio from "tsyncio";
import * as runtime from "tsyncio/runtime";
import { namesIn } from "./imports.ts";
import { VirtualLoop } from "./virtual-loop.ts";

type Main = (console: { log(...words: unknown[]): void }) => () => tsyncio.Awaitable<unknown>;

/** What a program printed, each line with the time and the number of iterations since it came. */
export type Trace = readonly string[];

/** Plays programs one after the other; a text is the body of a printed program. */
export async function play(texts: readonly string[]): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (const main of compiled(texts)) traces.push(typeof main === "string" ? [main] : await traceOf(main));
  return traces;
}

/** Each program as a function, or what is wrong with its text. */
function compiled(texts: readonly string[]): (Main | string)[] {
  const programs = texts.map((text) => `(console) => {\n${text}\nreturn main;\n}`);
  const names = namesIn(texts.join("\n"));
  const source = `"use tsyncio";\nconst { ${names.join(", ")} } = require("tsyncio");\nexports.programs = [${programs.join(",\n")}];`;
  try {
    const { code } = transform(source, { filename: "programs.cts", sourcemap: false })!;
    const exported = { programs: [] as Main[] };
    const modules: Readonly<Record<string, unknown>> = { tsyncio, "tsyncio/runtime": runtime };
    // oxlint-disable-next-line no-new-func -- the programs are made here
    new Function("require", "exports", code)((name: string) => modules[name], exported);
    return exported.programs;
  } catch (error) {
    if (texts.length > 1) return texts.flatMap((text) => compiled([text]));
    return [`cannot be compiled: ${String(error)}`];
  }
}

async function traceOf(program: Main): Promise<Trace> {
  const lines: string[] = [];
  const virtual = new VirtualLoop();
  const { loop, lost } = virtual;
  const tell = (...words: unknown[]): void => {
    lines.push(`${loop.time()}.${virtual.ticks} ${words.join(" ")}`);
  };
  const runner = new tsyncio.Runner({ loopFactory: () => loop, handleSignals: false, debug: false });
  const main = program({ log: tell });
  for (const [what, step] of [
    ["main", () => runner.run(main)],
    ["close", () => runner.close()],
  ] as const) {
    const { stops } = virtual;
    virtual.beginTicks();
    try {
      await step();
      lines.push(`${what} ended`);
    } catch (error) {
      const { name } = error as Error;
      lines.push(`${what} ${virtual.stops > stops ? "endless" : name === "DeadlockError" ? "deadlock" : name}`);
    }
  }
  // Who cannot end the run does not look for them.
  return lines.at(-1) === "close ended" ? [...lines, ...lost.sort()] : lines;
}

if (process.argv[1] === import.meta.filename) {
  for await (const request of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await play(JSON.parse(request) as string[])));
  }
}
