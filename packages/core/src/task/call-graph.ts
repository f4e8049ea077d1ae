import type { EventLoop } from "../loop/event-loop.ts";
import type { Listener } from "./future.ts";
import { exec } from "../loop/execution.ts";
import { Future } from "./future.ts";
import { Task } from "./task.ts";

/** Who awaits whom, from one future outwards, as CPython 3.14's `FutureCallGraph`. */
export interface CallGraph {
  readonly future: Future<unknown>;
  /** The coroutines it is in, outermost first. */
  readonly callStack: readonly { readonly name: string }[];
  readonly awaitedBy: readonly CallGraph[];
}

/** What combinators (gather, shield) tell of themselves: the future that they complete. */
export interface Completes {
  readonly completes: Future<unknown> | undefined;
}

/**
 * The graph of who awaits `future` (default: the current task), and whom those are awaited by. Null without one.
 *
 * @see https://docs.python.org/3.14/library/asyncio-graph.html
 */
export function captureCallGraph(future: Future<any> | null = exec.task): CallGraph | null {
  return future === null ? null : capture(future, new Set());
}

function capture(future: Future<unknown>, seen: Set<unknown>): CallGraph {
  seen.add(future);
  const callStack = future instanceof Task ? future.getStack().map((co) => ({ name: co.name })) : [];
  const awaitedBy: CallGraph[] = [];
  for (const waiter of waiters(future)) if (!seen.has(waiter)) awaitedBy.push(capture(waiter, seen));
  return { future, callStack, awaitedBy };
}

function waiters(future: Future<unknown>): Future<unknown>[] {
  const { listeners } = future;
  const all: Listener[] = listeners === undefined ? [] : Array.isArray(listeners) ? listeners : [listeners];
  const found: Future<unknown>[] = [];
  for (const listener of all) {
    if (listener instanceof Future) found.push(listener);
    else {
      const completes = (listener as Partial<Completes>).completes;
      if (completes !== undefined) found.push(completes);
    }
  }
  return found;
}

/** The graph as text, one line for each task and coroutine. */
export function formatCallGraph(future: Future<any> | null = exec.task): string {
  const graph = captureCallGraph(future);
  if (graph === null) return "";
  const lines: string[] = [];
  write(graph, "", lines);
  return lines.join("\n");
}

function write(graph: CallGraph, indent: string, lines: string[]): void {
  const { future } = graph;
  lines.push(
    `${indent}* ${future instanceof Task ? `Task(name='${future.getName()}')` : future.constructor.name}${waitText(future)}`,
  );
  if (graph.callStack.length > 0) {
    lines.push(`${indent}  + Call stack:`);
    for (let i = graph.callStack.length - 1; i >= 0; i--)
      lines.push(`${indent}  |   async ${graph.callStack[i].name}()`);
  }
  if (graph.awaitedBy.length > 0) {
    lines.push(`${indent}  + Awaited by:`);
    for (const waiter of graph.awaitedBy) write(waiter, `${indent}      `, lines);
  }
}

function waitText(future: Future<unknown>): string {
  const waitingOn = future instanceof Task ? (future.waitingOn as { name?: string } | undefined) : undefined;
  if (waitingOn === undefined || waitingOn instanceof Future) return "";
  return ` waits in ${waitingOn.name ?? "a wait"}`;
}

/** Prints `formatCallGraph` to the console. */
export function printCallGraph(future: Future<any> | null = exec.task): void {
  console.log(formatCallGraph(future));
}

/** @internal Every task of a loop that waits for no other task: the leaves, from which the graph goes outwards. */
export function callGraphs(loop: EventLoop): string {
  const leaves = [...loop.tasks].filter((task) => !(task.waitingOn instanceof Task) && !isCombinator(task.waitingOn));
  const shown = leaves.length > 0 ? leaves : [...loop.tasks];
  return (
    shown
      .slice(0, 50)
      .map((task) => formatCallGraph(task))
      .join("\n") + (shown.length > 50 ? `\n... and ${shown.length - 50} more` : "")
  );
}

function isCombinator(waitable: unknown): boolean {
  return waitable instanceof Future && (waitable as { combines?: boolean }).combines === true;
}
