import type { Trace } from "./play.ts";
import { type Language, print } from "./print.ts";
import type { Program } from "./program-tree.ts";
import type { Side } from "./sides.ts";

/** A side and the language in which it is given programs. */
export interface Player {
  readonly language: Language;
  readonly side: Side;
}

/** Where two traces part. */
export interface Difference {
  readonly program: Program;
  /** The spelling that differs. */
  readonly language: Language;
  readonly line: number;
  readonly expected: Trace;
  readonly actual: Trace;
}

/** What came of some programs: a trace for each, by the one who is right, and where the others differ. */
export interface Comparison {
  readonly traces: readonly Trace[];
  readonly differences: readonly Difference[];
}

/** Plays programs on every side at once. */
export async function compare(
  programs: readonly Program[],
  truth: Player,
  others: readonly Player[],
): Promise<Comparison> {
  const [traces, ...theirs] = await Promise.all(
    [truth, ...others].map(({ side, language }) => side.play(programs.map((program) => print(program, language).body))),
  );
  const differences = others.flatMap(({ language }, k) =>
    programs.flatMap((program, i) => {
      const expected = traces![i]!;
      const actual = theirs[k]![i]!;
      const line = firstDifference(expected, actual);
      return line === undefined ? [] : [{ program, language, line, expected, actual }];
    }),
  );
  return { traces: traces!, differences };
}

/** The first line in which two traces differ; undefined when they are equal. */
export function firstDifference(expected: Trace, actual: Trace): number | undefined {
  // Nobody counts the iterations of a program that both sides had to stop.
  const endless = [expected, actual].every((trace) => trace.some((line) => line.endsWith(" endless")));
  const length = endless ? Math.min(expected.length, actual.length) - 2 : Math.max(expected.length, actual.length);
  for (let line = 0; line < length; line++) if (expected[line] !== actual[line]) return line;
  return undefined;
}

/** A difference for people: both programs, and the lines around the place. */
export function report({ line, expected, actual, language }: Difference): string {
  const before = expected.slice(Math.max(0, line - 4), line).map((each) => `  ${each}`);
  const lines = (trace: Trace, mark: string): string[] =>
    trace.length > line ? trace.slice(line, line + 3).map((each) => `${mark} ${each}`) : [`${mark} (nothing more)`];
  return [
    `line ${line + 1}: - CPython, + tsyncio (${language})`,
    ...before,
    ...lines(expected, "-"),
    ...lines(actual, "+"),
  ].join("\n");
}
