import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Above it a collection takes longer than nobody notices: then V8 chooses the time. In bytes. */
const SMALL_HEAP = 100_000_000;

let gc: (() => void) | undefined;

/**
 * Collects garbage now, so that a task that failed unnoticed, or a coroutine that was never awaited, is told of before the next
 * input and not minutes later.
 */
export function collectGarbage(): void {
  if (process.memoryUsage().heapUsed > SMALL_HEAP) return;
  if (gc === undefined) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  // What was awaited in this turn, or not, is settled when it ends.
  setImmediate(gc);
}
