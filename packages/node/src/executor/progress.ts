import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtin } from "../builtin.ts";

/**
 * Two numbers that a pool and one of its workers have in common. Jobs have places, in the order in which the worker was
 * sent them.
 *
 * - **begun**: how many have begun; the worker writes it before it begins one, then reads the other.
 * - **recalled**: those below this place are not to begin any more; the pool writes it, then reads the other.
 *
 * Whichever comes second sees what the first has written: a job cannot both begin and be taken back. It can do neither,
 * when each sees the other; then the worker gives it back.
 */
export interface Progress {
  begun(): number;
  recall(below: number): void;
  /** The worker has ended. */
  close(): void;
}

/** The worker's side: counts the job at `place` as begun, and gives whether it may begin. */
export type Begin = (place: number) => boolean;

/** Whether place `a` is before `b`. They are numbers of 32 bits: a worker may be sent more jobs than that. */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

const BEGUN = 0;
const RECALLED = 1;

/** Memory for the progress of a thread. */
export function sharedProgress(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

export function progressInMemory(shared: Int32Array): Progress {
  return {
    begun: () => Atomics.load(shared, BEGUN),
    recall: (below) => void Atomics.store(shared, RECALLED, below),
    close() {},
  };
}

export function beginInMemory(shared: Int32Array): Begin {
  return (place) => {
    Atomics.store(shared, BEGUN, place + 1);
    return !isBefore(place, Atomics.load(shared, RECALLED));
  };
}

/** A file without a name, which the pool and a process both have open. What the one has written, the other reads. */
export function openProgressFile(): number {
  const path = join(tmpdir(), `tsyncio-${builtin("crypto").randomUUID()}`);
  const fd = builtin("fs").openSync(path, "wx+", 0o600);
  try {
    builtin("fs").unlinkSync(path);
    builtin("fs").writeSync(fd, new Uint8Array(8), 0, 8, 0);
  } catch (error) {
    builtin("fs").closeSync(fd);
    throw error;
  }
  return fd;
}

export function progressInFile(fd: number): Progress {
  const value = new Int32Array(1);
  return {
    begun() {
      builtin("fs").readSync(fd, value, 0, 4, 4 * BEGUN);
      return value[0];
    },
    recall(below) {
      value[0] = below;
      builtin("fs").writeSync(fd, value, 0, 4, 4 * RECALLED);
    },
    close: () => builtin("fs").closeSync(fd),
  };
}

export function beginInFile(fd: number): Begin {
  const begun = new Int32Array(1);
  const recalled = new Int32Array(1);
  return (place) => {
    begun[0] = place + 1;
    builtin("fs").writeSync(fd, begun, 0, 4, 4 * BEGUN);
    builtin("fs").readSync(fd, recalled, 0, 4, 4 * RECALLED);
    return !isBefore(place, recalled[0]);
  };
}
