/** A place in a source text. Lines count from 1; columns count UTF-16 units, from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Gives the line and the column of an offset. */
export function positionAt(code: string, offset: number): SourcePosition {
  let line = 1;
  let start = 0;
  for (let next = code.indexOf("\n"); next !== -1 && next < offset; next = code.indexOf("\n", start)) {
    line++;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
}

/**
 * A source text that cannot be compiled. The message begins with `file:line:column`.
 *
 * `loc`, `id` and `frame` are what Rollup and Vite print beside a message.
 */
export class SourceError extends SyntaxError {
  override readonly name = "SourceError";
  readonly code = "TSYNCIO_SOURCE";
  readonly id: string;
  readonly loc: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame: string;

  constructor(code: string, filename: string, offset: number, reason: string) {
    const { line, column } = positionAt(code, offset);
    super(`${filename}:${line}:${column}: Cannot compile: ${reason}`);
    this.id = filename;
    this.loc = { file: filename, line, column: column - 1 };
    this.frame = frameOf(code, line, column);
  }
}

function frameOf(code: string, line: number, column: number): string {
  const text = code.split("\n", line)[line - 1] ?? "";
  return `${line} | ${text}\n${" ".repeat(String(line).length)} | ${" ".repeat(column - 1)}^`;
}
