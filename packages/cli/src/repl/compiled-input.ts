import { SourceMap, type SourceMapPayload } from "node:module";
import { compileFunction, constants } from "node:vm";
import { transform } from "@tsyncio/keywords";
import type { StackFrame } from "../errors/stack.ts";
import { keepDeclarations } from "./keep-declarations.ts";
import type { ParsedInput } from "./parse-input.ts";
import type { Scope } from "./scope.ts";

/** An input that can be run, and where its code lies in what was typed. */
export interface CompiledInput {
  /** Makes a coroutine of the input. It gives `{ value }` when the input ends in an expression. */
  start(): PromiseLike<{ readonly value: unknown } | undefined>;
  mapFrame(frame: StackFrame): StackFrame;
}

/** Compiles an input: declarations kept, `async` and `await` as keywords, types stripped. */
export function compileInput(input: ParsedInput, name: string, scope: Scope): CompiledInput {
  const kept = keepDeclarations(input);
  const before = `"use tsyncio";async function ${name}(){`;
  const wrapped = `${before}${kept.body}\n}return ${name}`;
  const { code, map } = transform(wrapped, { filename: `${name}.ts`, format: "commonjs" })!;
  for (const declared of kept.names) scope.declare(declared);
  const make = compileFunction(code, [...scope.localNames], {
    filename: name,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...values: unknown[]) => () => PromiseLike<{ value: unknown } | undefined>;
  return {
    start: () => make(...scope.localValues)(),
    mapFrame: frameMapper(
      new SourceMap(map as unknown as SourceMapPayload),
      new SourceMap(kept.map as unknown as SourceMapPayload),
      { name, before: before.length },
    ),
  };
}

/** Node calls the loader experimental that inputs import with, and would say so at the first import. */
export function silenceLoaderWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((...args: unknown[]) => {
    if (!String(args[0]).startsWith("vm.USE_MAIN_CONTEXT_DEFAULT_LOADER")) emitWarning(...args);
  }) as typeof process.emitWarning;
}

/** From compiled code to the wrapped input, from there to its body, from there to what was typed. */
function frameMapper(
  compiled: SourceMap,
  kept: SourceMap,
  { name, before }: { readonly name: string; readonly before: number },
): (frame: StackFrame) => StackFrame {
  return (frame) => {
    // The function around an input is its top level.
    const place = frame.name === name ? { ...frame, name: "", line: 1, column: 1 } : frame;
    const wrapped = step(compiled, frame.line - 1, frame.column - 1);
    if (wrapped === undefined) return place;
    const column = wrapped.line === 0 ? wrapped.column - before : wrapped.column;
    const typed = step(kept, wrapped.line, Math.max(0, column));
    return typed === undefined ? place : { ...place, line: typed.line + 1, column: typed.column + 1 };
  };
}

function step(map: SourceMap, line: number, column: number): { line: number; column: number } | undefined {
  const entry = map.findEntry(line, column);
  return "originalLine" in entry ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
}
