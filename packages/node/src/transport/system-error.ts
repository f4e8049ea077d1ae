import { TimeoutError } from "tsyncio";
import { AddressError, ConnectionLostError } from "../errors.ts";

const FROM_TLS = /^ERR_(?:SSL|TLS)_/;

/**
 * Whether an error tells of the outside, as Python's OSError: of the operating system, TLS, a lost connection, a time limit.
 * Such errors reach the protocol; they are nobody's fault, and the exception handler is not told.
 */
export function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  return (
    errno !== undefined ||
    syscall !== undefined ||
    (typeof code === "string" && FROM_TLS.test(code)) ||
    error instanceof ConnectionLostError ||
    error instanceof AddressError ||
    error instanceof TimeoutError
  );
}
