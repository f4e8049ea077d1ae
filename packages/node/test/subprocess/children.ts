import { readFileSync, readdirSync } from "node:fs";

/** The processes that this one has started and not reaped, on Linux. */
export function children(): number[] {
  return readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}

/** The open descriptors of this process, on Linux. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
