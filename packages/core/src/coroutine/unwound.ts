import { exec } from "../loop/execution.ts";

/** The frames that were left behind belong to a task now, or to nobody. */
export function forgetUnwound(): void {
  exec.innermost = exec.outermost = null;
}
