import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Coroutine, coroutine } from "tsyncio";

const inFolder = coroutine(function* withSocketPath(use: (path: string) => PromiseLike<void>) {
  const folder = mkdtempSync(join(tmpdir(), "tsyncio-"));
  try {
    yield use(join(folder, "socket"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Runs `use` with a path for a Unix socket, in a folder of its own that is gone afterwards. */
export function withSocketPath(use: (path: string) => PromiseLike<void>): Coroutine<void> {
  return inFolder(use);
}
