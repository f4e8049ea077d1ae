import { dirname, join } from "node:path";
import { builtin } from "../builtin.ts";

/**
 * A name to listen on in place of `path`, in the same folder. Node takes away the name that it was told when the server is
 * closed, whatever stands there by then: so it is told this one, and `publish()` gives the socket its own.
 *
 * Null where the trick does not apply: an abstract name, a pipe of Windows, a path that is taken.
 */
export function hiddenName(path: string): string | null {
  if (path.startsWith("\0") || process.platform === "win32" || builtin("fs").existsSync(path)) return null;
  return join(dirname(path), `.${builtin("crypto").randomBytes(5).toString("hex")}`);
}

/** Moves the socket at `hidden` to `path`. @throws Node's error, "EEXIST" when the path has been taken meanwhile. */
export function publish(hidden: string, path: string): void {
  try {
    builtin("fs").linkSync(hidden, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // A file system without links.
    builtin("fs").renameSync(hidden, path);
    return;
  }
  builtin("fs").unlinkSync(hidden);
}

/** Takes away the socket of a server that is gone. Anything else that stands there makes the bind fail. */
export function removeStaleSocket(path: string): void {
  if (path.startsWith("\0")) return;
  try {
    if (builtin("fs").statSync(path).isSocket()) builtin("fs").unlinkSync(path);
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
    this.#inode = builtin("fs").statSync(path, { bigint: true }).ino;
  }

  /** @throws Node's error when it is there and cannot be removed. */
  remove(): void {
    const stat = builtin("fs").statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (stat?.ino === this.#inode) builtin("fs").unlinkSync(this.#path);
  }
}
