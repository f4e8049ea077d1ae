import type { EventLoop } from "./event-loop.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "./execution.ts";

/**
 * The loop whose turn it is.
 *
 * @throws {RuntimeError} outside of a running loop.
 */
export function getRunningLoop(): EventLoop {
  const { loop } = exec;
  if (loop === null)
    throw new RuntimeError(
      "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
    );
  return loop;
}
