/** Where a name of asyncio leads: to a name of ours, or nowhere, for a reason that the page gives. */
export interface Mapping {
  readonly ours: string | null;
}

const ROW = /^\| (`[^|]+`) \| ([^|]+) \|([^|]*)\|$/gm;
const names = (cell: string) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name);

/**
 * The tables of a page whose rows begin with names of asyncio: their counterparts in the same order, one for all of them,
 * or `–` and in the third column why there is none.
 */
export function mappingOf(page: string): Map<string, Mapping> {
  const found = new Map<string, Mapping>();
  for (const [row, left, right, note] of page.matchAll(ROW)) {
    const theirs = names(left);
    // A row about something else: a call, an example.
    if (left !== theirs.map((name) => `\`${name}\``).join(", ")) continue;
    const ours = names(right);
    const leftOut = right.trim() === "–";
    if (leftOut && note.trim() === "") throw new Error(`Cannot read the row ${row}: no reason`);
    if (!leftOut && ours.length !== 1 && ours.length !== theirs.length)
      throw new Error(`Cannot read the row ${row}: ${theirs.length} names, ${ours.length} counterparts`);
    for (const [i, name] of theirs.entries()) {
      if (found.has(name)) throw new Error(`Cannot read the row ${row}: "${name}" stands twice`);
      found.set(name, { ours: leftOut ? null : ours.length === 1 ? ours[0] : ours[i] });
    }
  }
  return found;
}
