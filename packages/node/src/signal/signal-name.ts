import { constants } from "node:os";

/** The first name of each signal, by number: some have several. */
const NAMES: ReadonlyMap<number, NodeJS.Signals> = new Map(
  (Object.entries(constants.signals) as [NodeJS.Signals, number][]).reverse().map(([name, number]) => [number, name]),
);

/**
 * The name of a signal that is given by name or number: one for each number.
 *
 * @throws {TypeError} for what is neither the name of a signal nor a number.
 * @throws {RangeError} for a number that no signal has.
 */
export function signalName(signal: unknown, doing: string): NodeJS.Signals {
  if (typeof signal === "number") {
    const name = NAMES.get(signal);
    if (name === undefined)
      throw new RangeError(`Cannot ${doing}: received ${signal}, which no signal has as its number`);
    return name;
  }
  const number = typeof signal === "string" ? (constants.signals as Record<string, number>)[signal] : undefined;
  if (number === undefined)
    throw new TypeError(`Cannot ${doing}: expected the name of a signal such as "SIGTERM", received ${shown(signal)}`);
  return NAMES.get(number) as NodeJS.Signals;
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
