import type { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import type { Task } from "./task.ts";
import { CancelledError } from "../errors.ts";

/** A coroutine that an error went through. */
export interface CoroutineTraceFrame {
  readonly name: string;
  /** The generator function of the coroutine. */
  readonly fn: { readonly name: string };
  /** The name of the task, on the outermost coroutine of it. */
  readonly task?: string;
}

const traces = new WeakMap<object, CoroutineTraceFrame[]>();

/** @internal The driver saw `error` leave `frame`. */
export function tracePassed(error: unknown, frame: GeneratorCoroutine<any>, task: Task<any>): void {
  if (typeof error !== "object" || error === null || error instanceof CancelledError) return;
  const passed = { name: frame.name, fn: frame.fn, ...(frame.caller === null ? { task: task.getName() } : undefined) };
  const trace = traces.get(error);
  if (trace === undefined) traces.set(error, [passed]);
  else trace.push(passed);
}

/** The coroutines that an error went through one resumed frame at a time, which its JavaScript stack does not show; innermost first. */
export function coroutineTrace(error: unknown): readonly CoroutineTraceFrame[] {
  return (typeof error === "object" && error !== null ? traces.get(error) : undefined) ?? [];
}
