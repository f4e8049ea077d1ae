import type { EventLoop } from "../loop/event-loop.ts";
import type { Listener } from "./future.ts";
import { exec } from "../loop/execution.ts";
import { Future } from "./future.ts";
import { Task } from "./task.ts";

const MOST_GRAPHS = 50;

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
  const listeners: (Listener & Partial<Completes>)[] = [future.listeners ?? []].flat();
  return listeners.flatMap((listener) => (listener instanceof Future ? listener : (listener.completes ?? [])));
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
  const leaf = lines.length === 0;
  const { future } = graph;
  lines.push(
    `${indent}* ${future instanceof Task ? `Task(name='${future.getName()}')` : future.constructor.name}${waitText(future, leaf)}`,
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

function waitText(future: Future<unknown>, leaf: boolean): string {
  const waitingOn = future instanceof Task ? (future.waitingOn as { name?: string } | undefined) : undefined;
  if (waitingOn === undefined || waitingOn instanceof Task) return "";
  if (waitingOn instanceof Future) return leaf ? ` waits in ${waitingOn.constructor.name}` : "";
  return ` waits in ${waitingOn.name ?? "a wait"}`;
}

/** Prints `formatCallGraph` to the console. */
export function printCallGraph(future: Future<any> | null = exec.task): void {
  console.log(formatCallGraph(future));
}

/** @internal The graphs of a loop, from the tasks outwards that wait for no other task. */
export function callGraphs(loop: EventLoop): string {
  const awaiting = new Set<Future<unknown>>();
  const tasks = [...loop.tasks];
  for (const task of tasks) markWaiters(task, awaiting);
  const leaves = tasks.filter((task) => !awaiting.has(task));
  const shown = leaves.length > 0 ? leaves : tasks;
  const graphs = shown.slice(0, MOST_GRAPHS).map((task) => formatCallGraph(task));
  if (shown.length > MOST_GRAPHS) graphs.push(`... and ${shown.length - MOST_GRAPHS} more`);
  return graphs.join("\n");
}

function markWaiters(future: Future<unknown>, awaiting: Set<Future<unknown>>): void {
  for (const waiter of waiters(future)) {
    if (awaiting.has(waiter)) continue;
    awaiting.add(waiter);
    markWaiters(waiter, awaiting);
  }
}
