import { parseSync, type Program } from "oxc-parser";

/** What was typed so far is the beginning of something: more lines are wanted. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");

export interface ParsedInput {
  /** What was typed; a lone object literal stands in parentheses, which changes no line. */
  readonly text: string;
  readonly program: Program;
}

/** What was typed is no valid program. */
export class InputError extends SyntaxError {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Parses what was typed at the prompt: TypeScript, with `await` and `import` at the top level.
 *
 * @throws {InputError} when no further line could make it valid
 */
export function parseInput(text: string): ParsedInput | typeof INCOMPLETE {
  if (/^\s*\{/.test(text) && !/;\s*$/.test(text)) {
    // `{ a: 1 }` is meant as an object; a block stays a block.
    const object = `(${text})`;
    const parsed = parse(object);
    if (parsed.fault === undefined) return { text: object, program: parsed.program };
  }
  const { program, fault } = parse(text);
  if (fault === undefined) return { text, program };
  if (fault.wantsMore) return INCOMPLETE;
  throw new InputError(fault.message, fault.offset);
}

interface Fault {
  readonly message: string;
  readonly offset: number;
  readonly wantsMore: boolean;
}

function parse(text: string): { program: Program; fault?: Fault } {
  const { program, errors } = parseSync("input.ts", text, {
    lang: "ts",
    sourceType: "module",
    showSemanticErrors: true,
    preserveParens: true,
  });
  const error = errors.find(({ severity }) => severity === "Error");
  if (error === undefined) return { program };
  const offset = error.labels[0]?.start ?? 0;
  const wantsMore =
    offset >= text.length ||
    error.message === "Unterminated multiline comment" ||
    error.message.startsWith("Missing catch") ||
    (error.message === "Unterminated string" && text[offset] === "`");
  return { program, fault: { message: error.message, offset, wantsMore } };
}
