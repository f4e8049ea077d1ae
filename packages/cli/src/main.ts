import { Command, CommanderError } from "commander";
import { endProcess, WRONG_USAGE } from "./end-process.ts";
import { suggestRun } from "./program-file.ts";
import { version } from "./version.ts";

interface RunFlags {
  readonly debug?: true;
}

/** The `tsyncio` command: reads its arguments (as in `process.argv`) and does what they ask. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const program = commands();
    if (!AT_ONCE.has(argv[2])) await addOthers(program);
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed already; it says 0 for --help and --version.
    await endProcess(error.exitCode === 0 ? 0 : WRONG_USAGE);
  }
}

/** What is to start fast: the other commands, with their many options, are not even defined then. */
const AT_ONCE: ReadonlySet<string | undefined> = new Set(["run", "repl"]);

async function addOthers(program: Command): Promise<void> {
  const [{ addBatchCommand }, { addCrawlCommand }] = await Promise.all([
    import("./batch/batch-flags.ts"),
    import("./crawl/crawl-flags.ts"),
  ]);
  addBatchCommand(program);
  addCrawlCommand(program);
}

function commands(): Command {
  const program = new Command("tsyncio")
    .description("Python's asyncio for TypeScript: run programs on the tsyncio event loop, or try things in a REPL.")
    .version(version(), "-v, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(asMessage(text)) })
    .exitOverride()
    .addHelpText("after", PROGRAM_EXAMPLES);

  program
    .command("run")
    .description("Run a TypeScript or JavaScript program: types stripped, async and await as keywords of tsyncio.")
    .argument("<file>", "the program: .ts, .mts, .cts, .tsx, .js, .mjs or .cjs")
    .argument("[args...]", "given to the program in process.argv, options too")
    .option("-d, --debug", DEBUG)
    .passThroughOptions()
    .addHelpText("after", RUN_EXAMPLES)
    .action(async (file: string, args: string[], flags: RunFlags) => {
      const { runCommand } = await import("./run-command.ts");
      await runCommand(file, args, flags);
    });

  program
    .command("repl")
    .description("Try tsyncio at a prompt: await works at the top level, tasks go on behind the prompt.")
    .option("-d, --debug", DEBUG)
    .addHelpText("after", REPL_EXAMPLES)
    .action(async (flags: RunFlags) => {
      const { replCommand } = await import("./repl-command.ts");
      await replCommand(flags);
    });

  program.on("command:*", ([word]: string[]) => {
    const hint = suggestRun(word!);
    program.error(`unknown command "${word}"; ${hint === undefined ? "see: tsyncio --help" : `did you mean ${hint}?`}`);
  });
  return program;
}

/** Commander says `error: unknown option '--x'`; this command tells its faults as the whole project does. */
function asMessage(text: string): string {
  const state = text
    .replace(/^error: /, "")
    .trimEnd()
    .replace(/\n\((.*)\)$/s, (_, hint: string) => `; ${hint.charAt(0).toLowerCase()}${hint.slice(1)}`)
    .replace(/'([^']*)'/g, '"$1"')
    .replace(/\.? Expected (\d+) arguments? but got (\d+)\.$/, ", expected $1, received $2");
  return `Cannot start: ${state}${state.includes(";") ? "" : "; see: tsyncio --help"}\n`;
}

const DEBUG = "debug mode of the event loop (TSYNCIO_DEBUG=1): tells what is slow, and where a coroutine was made";

const PROGRAM_EXAMPLES = `
Examples:
  $ tsyncio run app.ts              run a program
  $ tsyncio run app.ts --port 80    with arguments of its own
  $ tsyncio repl                    try things: > await sleep(100, "hello")
  $ tsyncio batch --help            send a request for every line of a file
  $ tsyncio crawl --help            crawl sites, and go on after an interruption

A first program, app.ts:
  import { run, sleep } from "tsyncio";

  async function main() {
    await sleep("1s");
    console.log("hello");
  }

  await run(main());
`;

const RUN_EXAMPLES = `
The program starts its own event loop: await run(main()). Files that import from
tsyncio are compiled, so that a call of an async function gives a lazy coroutine;
other files only lose their types. What comes after <file> belongs to the program;
options of tsyncio stand before it.

Examples:
  $ tsyncio run app.ts
  $ tsyncio run app.ts input.csv --limit 10
  $ tsyncio run --debug app.ts
  $ NODE_OPTIONS=--inspect tsyncio run app.ts

Exit codes:
  0    the program ended (or the exit code that it chose itself)
  1    an error that nobody caught
  2    wrong usage: an unknown option, no such file
  13   the program ended while its top-level await was still waiting
  130  ended by Ctrl-C, after cleaning up (143: by SIGTERM)
`;

const REPL_EXAMPLES = `
Everything that tsyncio exports is in scope, by its name and as asyncio.<name>.
TypeScript is accepted; imports are relative to the current folder. Ctrl-C cancels
what the prompt waits for, and leaves the other tasks alone.

Examples:
  > await sleep(100, "hello")
  'hello'
  > async function tick() { for (;;) { await sleep("1s"); console.log("tick"); } }
  > const task = createTask(tick())
  tick
  > task.cancel()
  > import { readFile } from "node:fs/promises"

Commands:
  .help    what can be typed
  .break   forget the lines of an unfinished input
  .exit    cancel the tasks left, let them clean up, and leave (as Ctrl-D does)

The lines typed are kept in ~/.tsyncio_repl_history; TSYNCIO_REPL_HISTORY names
another file, or none when it is empty.
`;
