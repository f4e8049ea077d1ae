import type { Colors } from "./colors.ts";

/** A place in a text. Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const BEFORE = 2;
const AFTER = 1;
const WIDEST = 160;

/**
 * The lines around a place, with a mark under it; undefined when the text has no such line.
 *
 * Gives one string for each line: `> 5 |   throw error;` and below it the mark.
 */
export function codeFrame(source: string, { line, column }: Place, colors: Colors): readonly string[] | undefined {
  const lines = source.split(/\r?\n/);
  const marked = lines[line - 1];
  // A line of hundreds of columns is generated code: nobody reads it.
  if (marked === undefined || marked.length > WIDEST) return undefined;
  let first = Math.max(1, line - BEFORE);
  let last = Math.min(lines.length, line + AFTER);
  while (first < line && isBlank(lines[first - 1]!)) first++;
  while (last > line && isBlank(lines[last - 1]!)) last--;

  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1]!.slice(0, WIDEST);
    const gutter = `${String(number).padStart(width)} |`;
    if (number === line) {
      frame.push(`${colors.red(">")} ${gutter} ${text}`.trimEnd());
      frame.push(`  ${" ".repeat(width)} | ${indentTo(column, text)}${colors.red("^")}`);
    } else {
      frame.push(`  ${colors.dim(`${gutter} ${text}`.trimEnd())}`);
    }
  }
  return frame;
}

/** Blanks up to the column; a tab stays a tab, so that the mark stands under its character. */
function indentTo(column: number, text: string): string {
  return text
    .slice(0, column - 1)
    .padEnd(column - 1)
    .replace(/[^\t]/g, " ");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
