import { InputFault } from "../errors.ts";
import { fieldAt, missing } from "../request/field.ts";

/** What names an item, in the results and over runs. As text it is unique: 1 and "1" are the same id. */
export type ItemId = string | number;

/** How the id of an item is found. */
export type IdSource = string | ((value: any, line: number) => ItemId);

/**
 * Gives the id of an item; null stands for its line.
 *
 * @throws {InputFault} when it has none.
 */
export function idReader(source: IdSource | null): ((value: unknown, line: number) => ItemId) | null {
  if (source === null) return null;
  if (typeof source === "function") {
    return (value, line) => checked(source(value, line), line, "the function id gave");
  }
  return (value, line) => {
    const found = fieldAt(value, source);
    if (found === missing) throw new InputFault(`Cannot name line ${line}: it has no field "${source}"`);
    return checked(found, line, `"${source}" is`);
  };
}

function checked(id: unknown, line: number, what: string): ItemId {
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number" && Number.isFinite(id)) return id;
  const shown = typeof id === "object" && id !== null ? "an object" : id === "" ? "empty" : String(id);
  throw new InputFault(`Cannot name line ${line}: ${what} ${shown}; an id is a text or a number`);
}
