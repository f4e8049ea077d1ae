/** Exit codes of the command, beside those that a program chooses. */
export const FAILED = 1;
export const WRONG_USAGE = 2;
export const NEVER_SETTLED = 13;

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** What a shell reports for a program that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
export function exitCodeOf(signal: string): number {
  return 128 + (SIGNAL_NUMBERS[signal] ?? 2);
}

/** Ends the process as `process.exit` does, but only after what was printed has gone out. */
export async function endProcess(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

/** Nothing to wait for where writes are synchronous: terminals, files, and pipes except on Windows. */
function flushed(stream: NodeJS.WriteStream): Promise<void> | undefined {
  if (stream.writableLength === 0 || stream.destroyed) return undefined;
  return new Promise((resolve) => stream.write("", () => resolve()));
}
