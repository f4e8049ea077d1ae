import { randomBytes } from "node:crypto";
import { existsSync, linkSync, renameSync, statSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A name to listen on in place of `path`, in the same folder. Node takes away the name that it was told when the server is
 * closed, whatever stands there by then: so it is told this one, and `publish()` gives the socket its own.
 *
 * Null where the trick does not apply: an abstract name, a pipe of Windows, a path that is taken.
 */
export function hiddenName(path: string): string | null {
  if (path.startsWith("\0") || process.platform === "win32" || existsSync(path)) return null;
  return join(dirname(path), `.${randomBytes(5).toString("hex")}`);
}

/** Moves the socket at `hidden` to `path`. @throws Node's error, "EEXIST" when the path has been taken meanwhile. */
export function publish(hidden: string, path: string): void {
  try {
    linkSync(hidden, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // A file system without links.
    renameSync(hidden, path);
    return;
  }
  unlinkSync(hidden);
}

/** Takes away the socket of a server that is gone. Anything else that stands there makes the bind fail. */
export function removeStaleSocket(path: string): void {
  if (path.startsWith("\0")) return;
  try {
    if (statSync(path).isSocket()) unlinkSync(path);
  } catch {
    // Nothing is there; else the bind will say what is wrong.
  }
}

/** The file of a listening socket: it takes away that one, and nobody else's. */
export class UnixSocketFile {
  readonly #path: string;
  readonly #inode: bigint;

  constructor(path: string) {
    this.#path = path;
    this.#inode = statSync(path, { bigint: true }).ino;
  }

  /** @throws Node's error when it is there and cannot be removed. */
  remove(): void {
    const stat = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (stat?.ino === this.#inode) unlinkSync(this.#path);
  }
}
