import { constants } from "node:os";

/** What a write says into a pipe that nobody reads from any more, as Node has it: where Node itself only closes the stream. */
export function brokenPipe(): NodeJS.ErrnoException {
  return Object.assign(new Error("write EPIPE"), { errno: -constants.errno.EPIPE, code: "EPIPE", syscall: "write" });
}
