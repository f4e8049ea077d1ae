/** A segment that comes so often in one path is made by links that are relative to themselves. */
const SAME = 4;
/** So often one after the other, for several segments. */
const TIMES = 3;
const MAX_SEGMENTS = 25;
const MAX_PARAMETERS = 20;

/** What is wrong with an address by its looks alone: `/a/b/a/b/a/b`, dozens of parameters; null for nothing. */
export function pathFault(url: URL): string | null {
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  if (segments.length > MAX_SEGMENTS) return "too many path segments";
  if (repeats(segments)) return "repeated path segments";
  if (url.search !== "" && url.search.split("&").length > MAX_PARAMETERS) return "too many parameters";
  return null;
}

function repeats(segments: readonly string[]): boolean {
  if (segments.length < SAME) return false;
  const counts = new Map<string, number>();
  for (const segment of segments) {
    const count = (counts.get(segment) ?? 0) + 1;
    if (count >= SAME && !/^\d+$/.test(segment)) return true;
    counts.set(segment, count);
  }
  if (counts.size === segments.length) return false;
  for (let length = 2; length * TIMES <= segments.length; length++) {
    let same = 0;
    for (let i = length; i < segments.length; i++) {
      same = segments[i] === segments[i - length] ? same + 1 : 0;
      if (same >= length * (TIMES - 1)) return true;
    }
  }
  return false;
}
