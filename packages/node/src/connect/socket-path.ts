import { fileURLToPath } from "node:url";

/** Where a Unix socket is: a path, or a `file:` URL. */
export type SocketPath = string | URL;

/** @throws {TypeError} for what is no path. */
export function pathText(path: SocketPath, what: string): string {
  if (path instanceof URL) return fileURLToPath(path);
  if (typeof path === "string" && path !== "") return path;
  throw new TypeError(`Cannot ${what}: expected the path of a socket, received ${JSON.stringify(path)}`);
}
