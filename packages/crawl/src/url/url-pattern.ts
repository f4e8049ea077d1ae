/** A number, a date, an id: parts of a path that come in any number. */
const NUMBER = /^\d+$/;
const DIGITS = /\d+/g;
/** At least eight letters and digits mixed, or a UUID: what a machine has made. */
const TOKEN = /^(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{8,}$/i;
/** Words with a number at their end are titles: `my-holiday-2024`. */
const TITLE = /^[a-z]+(?:[-_][a-z]+)*(?:[-_]?\d{1,6})?$/i;

/**
 * The pattern that an address follows: numbers become `#`, machine-made tokens `*`, parameters lose their values. Pages
 * that a program makes without end have few patterns: `/calendar/2026/11` and `/calendar/2031/2` are both `/calendar/#/#`.
 */
export function urlPattern(url: string): string {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const start = path.indexOf("/", path.indexOf("//") + 2);
  if (start === -1) return path;
  const parts = path.slice(start + 1).split("/");
  let pattern = path.slice(0, start);
  for (const part of parts) pattern += `/${partPattern(part)}`;
  return query === -1 ? pattern : `${pattern}?${namesOf(url.slice(query + 1))}`;
}

/** Whether a word is one that a machine has made: a session id, a hash, a UUID. */
export function isToken(word: string): boolean {
  return !TITLE.test(word) && TOKEN.test(word);
}

function partPattern(part: string): string {
  if (NUMBER.test(part)) return "#";
  if (isToken(part)) return "*";
  return part.replace(DIGITS, "#");
}

function namesOf(query: string): string {
  const names = new Set<string>();
  for (const parameter of query.split("&")) names.add(parameter.split("=", 1)[0]!);
  return [...names].toSorted().join("&");
}
