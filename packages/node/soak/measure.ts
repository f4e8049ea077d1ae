import { readFileSync, readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What a process holds at a moment: descriptors, threads and children as Linux tells them. */
export interface Measure {
  readonly descriptors: number;
  readonly threads: number;
  /** Child processes, with those that are dead and not reaped. */
  readonly children: number;
  /** Bytes in use after garbage was collected: objects, and what they hold outside of V8's heap. */
  readonly heap: number;
  /** Bytes that the system has given. */
  readonly rss: number;
  /** What is open, by kind, such as "TCPServerWrap". */
  readonly resources: ReadonlyMap<string, number>;
}

/** Measures when everything that was let go of is gone. */
export async function measure(): Promise<Measure> {
  // What is collected may have a finalizer, which lets go of more.
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collectGarbage();
  }
  // Out of the timer, which would be counted.
  await new Promise((resolve) => setImmediate(resolve));
  const { heapUsed, external, rss } = process.memoryUsage();
  const threads = readdirSync("/proc/self/task");
  return {
    // Reading the folder takes one.
    descriptors: readdirSync("/proc/self/fd").length - 1,
    threads: threads.length,
    children: threads.reduce((sum, thread) => sum + childrenOf(thread), 0),
    heap: heapUsed + external,
    rss,
    resources: counted(process.getActiveResourcesInfo()),
  };
}

function childrenOf(thread: string): number {
  return readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").length - 1;
}

function counted(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What is more, or less, than it was: a sentence for each. The heap may have grown by `margin` bytes. */
export function differences(before: Measure, after: Measure, margin: number): string[] {
  const found: string[] = [];
  for (const name of ["descriptors", "threads", "children"] as const)
    if (before[name] !== after[name])
      found.push(`${name}: ${before[name]} at the beginning, ${after[name]} at the end`);
  for (const kind of new Set([...before.resources.keys(), ...after.resources.keys()])) {
    const [was, is] = [before.resources.get(kind) ?? 0, after.resources.get(kind) ?? 0];
    if (was !== is) found.push(`active resources: ${was} ${kind} at the beginning, ${is} at the end`);
  }
  return [...found, ...growth("closed", before, after, margin)];
}

/** The sentence for a heap that has grown by more than `margin` bytes. */
export function growth(when: string, before: Measure, after: Measure, margin: number): string[] {
  if (after.heap - before.heap <= margin) return [];
  return [`heap, everything ${when}: ${mebibytes(before.heap)} at the beginning, ${mebibytes(after.heap)} at the end`];
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

/** A measure in one line. */
export function shown({ descriptors, threads, children, heap, rss, resources }: Measure): string {
  const open = [...resources.values()].reduce((sum, count) => sum + count, 0);
  return `descriptors ${descriptors}, threads ${threads}, children ${children}, active resources ${open}, heap ${mebibytes(heap)}, RSS ${mebibytes(rss)}`;
}
