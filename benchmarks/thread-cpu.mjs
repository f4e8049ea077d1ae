import { openSync, readSync } from "node:fs";

function openSchedstat() {
  try {
    // Of the threads of a process the main one bears the number of the process.
    return openSync(`/proc/self/task/${process.pid}/schedstat`);
  } catch {
    return null;
  }
}

const schedstat = openSchedstat();
const text = Buffer.alloc(64);

/** Where `threadCpu` reads. By `process.cpuUsage` the threads of the garbage collector and of the compiler are in it. */
export const threadCpuSource =
  schedstat !== null
    ? "schedstat"
    : process.threadCpuUsage !== undefined
      ? "process.threadCpuUsage"
      : "process.cpuUsage";

const nanoseconds = ({ user, system }) => (user + system) * 1_000;

/** The nanoseconds of CPU that the main thread has used. Takes about 20 µs. */
export function threadCpu() {
  if (schedstat === null) return nanoseconds(process.threadCpuUsage?.() ?? process.cpuUsage());
  // Has the kernel bring its accounts up to date, which schedstat by itself lets lag by milliseconds.
  process.cpuUsage();
  const length = readSync(schedstat, text, 0, text.length, 0);
  return Number.parseInt(text.latin1Slice(0, length), 10);
}
