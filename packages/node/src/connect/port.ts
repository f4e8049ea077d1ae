/** A port: a number, or one in digits as it comes from the environment. None or "": 0, which lets the system choose. */
export type Port = number | string | null | undefined;

/** @throws {RangeError} for what is no port, a service's name too: Node does not know those. */
export function portNumber(port: Port): number {
  if (port === null || port === undefined || port === "") return 0;
  const number = typeof port === "string" && /^\d+$/.test(port) ? Number(port) : port;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new RangeError(`Cannot use port ${JSON.stringify(port)}: it must be an integer from 0 to 65535`);
}
