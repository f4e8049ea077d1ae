import type { AppendFile } from "./append-file.ts";
import { isWholeResult } from "./batch-result.ts";

const LINE_FEED = 10;
const STEP = 64 * 1024;

/**
 * Makes the last line whole: one that was torn while it was written is removed, and one that lacks nothing but its line feed gets it.
 * Gives how many bytes were removed.
 */
export function mendEnd(file: AppendFile): number {
  const end = file.size;
  const start = startOfLastLine(file);
  if (start === end) return 0;
  if (isWholeResult(file.read(start, end - start))) {
    file.append(Buffer.from("\n"));
    return 0;
  }
  file.truncate(start);
  return end - start;
}

function startOfLastLine(file: AppendFile): number {
  for (let to = file.size; to > 0; to -= STEP) {
    const from = Math.max(0, to - STEP);
    const at = file.read(from, to - from).lastIndexOf(LINE_FEED);
    if (at !== -1) return from + at + 1;
  }
  return 0;
}
