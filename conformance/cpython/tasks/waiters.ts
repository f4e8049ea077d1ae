import { type Future, Task, captureCallGraph } from "tsyncio";

/** The names of the tasks that wait for a future at this moment. */
export function waiters(future: Future<any>): string[] {
  return captureCallGraph(future)!.awaitedBy.flatMap((graph) =>
    graph.future instanceof Task ? [graph.future.getName()] : [],
  );
}
