import { existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import Database from "libsql";

export type OutputKind = "jsonl" | "db";

/** The ids of all results, as anybody reads them who knows nothing of the package: in files, those that are whole. */
export function recordedIds(output: string, kind: OutputKind): string[] {
  if (!existsSync(output)) return [];
  if (kind === "db") return idsOfTable(output);
  const ids = idsOfLines(output);
  const known = new Set(ids);
  // What waits for its turn is recorded too; what has had it may still stand there.
  return [...ids, ...idsOfLines(`${output}.pending`).filter((id) => !known.has(id))];
}

function idsOfTable(output: string): string[] {
  const database = new Database(output);
  try {
    const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'results'").all().length > 0;
    if (!exists) return [];
    return (database.prepare("SELECT id FROM results ORDER BY line").all() as { id: string }[]).map(({ id }) => id);
  } finally {
    database.close();
  }
}

function idsOfLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  const last = lines.pop() as string;
  // Behind the last line feed there may be a part of a line, even one that ends in a brace, or all but the line feed.
  return [...lines, ...(isJson(last) ? [last] : [])]
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { id: string }).id);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Tears off a part of the last line. False when there is none. */
export function tearEnd(output: string, random: () => number): boolean {
  if (!existsSync(output)) return false;
  const { size } = statSync(output);
  if (size === 0) return false;
  const text = readFileSync(output);
  const start = text.lastIndexOf(10, size - 2) + 1;
  truncateSync(output, start + 1 + Math.floor(random() * (size - start - 2)));
  return true;
}
