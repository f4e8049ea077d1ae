import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";

/** The two ends of a pipe. */
export interface MergedOutput {
  readonly read: Socket;
  /** For the child, as its stdout and its stderr. */
  readonly write: Socket;
}

/**
 * One pipe for two streams of a child: Node makes one for each. It is a Unix socket (a named pipe on Windows) in a folder that
 * only this user can enter, which is gone when this is done.
 *
 * **When cancelled**: nothing is left open.
 *
 * @throws Node's error when it cannot be made.
 */
export function mergedOutput(): Coroutine<MergedOutput> {
  return merging();
}

const merging = coroutine(function* mergeOutput() {
  const folder = process.platform === "win32" ? null : builtin("fs").mkdtempSync(join(tmpdir(), "tsyncio-"));
  const path = folder === null ? `\\\\.\\pipe\\tsyncio-${builtin("crypto").randomUUID()}` : join(folder, "output");
  const server = builtin("net").createServer({ pauseOnConnect: true });
  const connected = getRunningLoop().createFuture<Socket>();
  const failed = (error: Error): void => {
    if (!connected.done()) connected.setException(error);
  };
  let write: Socket | null = null;
  server.on("error", failed);
  server.on("connection", (read) => void (connected.done() ? read.destroy() : connected.setResult(read)));
  server.listen(path, () => {
    if (!connected.done()) write = builtin("net").connect(path).on("error", failed);
  });
  try {
    const read = yield* connected;
    return { read, write: write as unknown as Socket };
  } catch (error) {
    (write as Socket | null)?.destroy();
    throw error;
  } finally {
    server.close();
    if (folder !== null) builtin("fs").rmSync(folder, { recursive: true, force: true });
  }
});
