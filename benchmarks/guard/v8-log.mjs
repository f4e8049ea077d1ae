const CORE = /^(.*?) ?file:\/\/\S*\/packages\/core\/dist\/([^:]+)\.js:\d+:\d+$/;
const PLACE = /\/packages\/core\/dist\/([^:]+)\.js:\d+/;

/** The functions of the core by the addresses of their code, which the log tells as they are made and moved. */
class Code {
  #ranges = new Map();

  created(start, size, name) {
    const end = start + size;
    for (const [other, range] of this.#ranges) if (other < end && start < range.end) this.#ranges.delete(other);
    const [, fn, file] = CORE.exec(name) ?? [];
    if (file !== undefined) this.#ranges.set(start, { end, name: `${file} ${fn || "(anonymous)"}` });
  }

  moved(from, to) {
    const range = this.#ranges.get(from);
    if (range === undefined) return;
    this.#ranges.delete(from);
    this.#ranges.set(to, { end: to + range.end - from, name: range.name });
  }

  at(address) {
    for (const [start, { end, name }] of this.#ranges) if (start <= address && address < end) return name;
    return undefined;
  }
}

/**
 * Reads what V8 writes with `--log-deopt --log-ic` in a thread that sets the marks `guard:steady` and `guard:end`; gives nothing
 * for one that sets none.
 *
 * - `deoptimisations`: how often a function of packages/core was deoptimised between the marks, by function and reason;
 * - `megamorphic`: how many accesses in packages/core had seen too many shapes until the second mark, by function and property.
 *
 * @param {AsyncIterable<string> | Iterable<string>} lines
 * @returns {Promise<{ deoptimisations: Record<string, number>, megamorphic: Record<string, number> } | undefined>}
 */
export async function readLog(lines) {
  const code = new Code();
  const deoptimisations = new Map();
  const accesses = new Map();
  let mark;
  for await (const line of lines) {
    if (mark === "end") continue;
    const fields = line.split(",");
    const [event] = fields;
    if (event === "code-creation") {
      const [, , , , address, size, name] = fields;
      mark = /^ guard:(\w+):/.exec(name)?.[1] ?? mark;
      code.created(Number(address), Number(size), name);
    } else if (event === "code-move") {
      code.moved(Number(fields[1]), Number(fields[2]));
    } else if (event === "code-deopt" && mark === "steady") {
      const [, , , address, , , , place, ...reason] = fields;
      // What was inlined into a function outside of the core goes by its file.
      const name = code.at(Number(address)) ?? PLACE.exec(place)?.[1];
      const key = `${name}: ${reason.join()}`;
      if (name !== undefined) deoptimisations.set(key, (deoptimisations.get(key) ?? 0) + 1);
    } else if (event.endsWith("IC")) {
      const [, address, , row, column, , state, , property] = fields;
      const name = state === "N" ? code.at(Number(address)) : undefined;
      if (name !== undefined) accesses.set(`${name} ${row}:${column}`, `${name}: ${property}`);
    }
  }
  if (mark === undefined) return undefined;
  if (mark !== "end") throw new Error(`Cannot read the log of V8: it ends after the mark "${mark}"`);
  const megamorphic = new Map();
  for (const key of accesses.values()) megamorphic.set(key, (megamorphic.get(key) ?? 0) + 1);
  return { deoptimisations: record(deoptimisations), megamorphic: record(megamorphic) };
}

const record = (map) => Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
