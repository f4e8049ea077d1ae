// Random programs on CPython and on tsyncio: node --import @tsyncio/keywords/register fuzz.ts --seed 1 --count 1000
import { parseArgs } from "node:util";
import { type Difference, type Player, compare, report } from "./compare.ts";
import { Coverage } from "./coverage.ts";
import { generate } from "./generate.ts";
import { print, textOf } from "./print.ts";
import { shrink } from "./shrink.ts";
import { cpythonPlayer, tsyncioPlayer } from "./sides.ts";
import { TOPICS, type Topic } from "./writer.ts";

const AT_ONCE = 100;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1000" },
    /** The number of the first program. */
    from: { type: "string", default: "0" },
    topics: { type: "string", default: TOPICS.join() },
    /** After how many differences to stop. */
    most: { type: "string", default: "3" },
    /** Do not look for the smallest program that differs. */
    "no-shrink": { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const from = Number(values.from);
const end = from + Number(values.count);
const most = Number(values.most);
const topics = values.topics.split(",") as Topic[];
for (const topic of topics)
  if (!TOPICS.includes(topic)) throw new Error(`there is no topic ${topic}: ${TOPICS.join()}`);

const cpython = await cpythonPlayer();
if (cpython === undefined) {
  console.log("nothing was run: there is no CPython 3.13 here; name one in the environment variable PYTHON");
} else {
  const tsyncio = tsyncioPlayer();
  const truth: Player = { language: "python", side: cpython };
  const others: Player[] = (["keywords", "generators"] as const).map((language) => ({ language, side: tsyncio }));
  try {
    process.exitCode = (await run(truth, others)) ? 0 : 1;
  } finally {
    cpython.close();
    tsyncio.close();
  }
}

async function run(truth: Player, others: readonly Player[]): Promise<boolean> {
  const coverage = new Coverage();
  const started = performance.now();
  const found: Difference[] = [];
  for (let number = from; number < end && found.length < most; number += AT_ONCE) {
    const count = Math.min(AT_ONCE, end - number);
    const programs = Array.from({ length: count }, (_, i) => generate(seed, number + i, topics));
    const { traces, differences } = await compare(programs, truth, others);
    for (const [i, program] of programs.entries()) coverage.add(program, traces[i]!);
    found.push(...differences);
  }
  const seconds = (performance.now() - started) / 1000;
  for (const difference of distinct(found).slice(0, most)) {
    console.log(values["no-shrink"] ? report(difference) : await shrunk(difference, truth, others));
  }

  const { programs, lines, lengths } = coverage;
  console.log(`lines of each operation: ${coverage.report()}`);
  console.log(`lines of a program: ${lengths.join(", ")} (shortest, quartiles, longest)`);
  console.log(
    `${programs} programs of seed ${seed} in two spellings, ${lines} lines of CPython compared, ${found.length} differences; ` +
      `${Math.round(programs / seconds)} programs/s`,
  );
  return found.length === 0;
}

/** One difference for each program: where both spellings differ, the first. */
function distinct(differences: readonly Difference[]): Difference[] {
  return [...new Map(differences.toReversed().map((each) => [each.program, each])).values()].toReversed();
}

/** The smallest program that shows a difference, in both languages. */
async function shrunk(difference: Difference, truth: Player, others: readonly Player[]): Promise<string> {
  const other = others.filter(({ language }) => language === difference.language);
  const smallest = await shrink(difference.program, async (programs) => {
    const { differences } = await compare(programs, truth, other);
    // A program that is none any more would differ for no reason.
    const real = differences.filter(({ expected, actual }) => expected.length > 1 && actual.length > 1);
    return programs.map((program) => real.some((each) => each.program === program));
  });
  const { differences } = await compare([smallest], truth, other);
  const language = difference.language;
  return [textOf(print(smallest, "python")), textOf(print(smallest, language)), ...differences.map(report)].join("\n");
}
