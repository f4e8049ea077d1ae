import { endProcess, exitCodeOf, FAILED } from "./end-process.ts";
import { colorsFor } from "./errors/colors.ts";
import { collectGarbage } from "./repl/collect-garbage.ts";
import { silenceLoaderWarning } from "./repl/compiled-input.ts";
import { complete } from "./repl/complete.ts";
import { LineReader } from "./repl/line-reader.ts";
import { INCOMPLETE, InputError, type ParsedInput, parseInput } from "./repl/parse-input.ts";
import { Session } from "./repl/session.ts";
import { loadRuntime } from "./runtime.ts";
import { version } from "./version.ts";

export interface ReplOptions {
  readonly debug?: boolean;
}

const PROMPT = "> ";
const CONTINUED = "... ";
const HELP = `await works at the prompt; tasks made with createTask go on behind it.
All names of tsyncio are in scope, as asyncio.<name> too. _ is the last value.

  .break   forget the lines of an unfinished input (Ctrl-C does the same)
  .exit    cancel the tasks left, let them clean up, and leave (Ctrl-D does the same)
  .help    this`;

/** The prompt: reads an input, runs it on a loop that stays alive, prints its value, until `.exit` or the end of the input. */
export async function replCommand(options: ReplOptions): Promise<void> {
  if (options.debug) process.env["TSYNCIO_DEBUG"] = "1";
  const session = new Session(await loadRuntime(process.cwd()));
  await import("@tsyncio/keywords/register");
  silenceLoaderWarning();
  const code = await new Repl(session).run();
  try {
    await session.close();
  } catch (error) {
    session.report(error);
    await endProcess(FAILED);
  }
  await endProcess(code);
}

class Repl {
  readonly #session: Session;
  readonly #reader: LineReader;
  /** The lines of an unfinished input. */
  #lines: string[] = [];
  #wantsToLeave = false;
  #closing = false;
  #code = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#reader = new LineReader({
      complete: (line) => complete(line, session.scope),
      onInterrupt: () => this.#interrupt(),
    });
    process.on("SIGINT", () => this.#interrupt());
    process.on("SIGTERM", () => this.#end(exitCodeOf("SIGTERM")));
    process.on("uncaughtException", (error) => session.report(error));
  }

  /** Gives the exit code. */
  async run(): Promise<number> {
    if (this.#reader.isTerminal) {
      console.log(`tsyncio ${version()} on Node ${process.versions.node}`);
      console.log(colorsFor(process.stdout).dim('Use "await" directly. .help tells more, Ctrl-D leaves.'));
    }
    while (!this.#closing) {
      const line = await this.#reader.next(this.#lines.length === 0 ? PROMPT : CONTINUED);
      if (line === undefined) break;
      if (!this.#command(line.trim())) await this.#input(line);
    }
    if (this.#lines.length > 0) this.#check(true);
    this.#closing = true;
    this.#reader.close();
    return this.#code;
  }

  async #input(line: string): Promise<void> {
    this.#lines.push(line);
    const parsed = this.#check(false);
    if (parsed === undefined) return;
    this.#lines = [];
    if (parsed.program.body.length === 0) return;
    this.#wantsToLeave = false;
    await this.#session.run(parsed);
    if (this.#reader.isTerminal) collectGarbage();
  }

  /** What was typed when it is whole; undefined when more lines are wanted, or none can make it right. */
  #check(atEnd: boolean): ParsedInput | undefined {
    const text = this.#lines.join("\n");
    try {
      const parsed = parseInput(text);
      if (parsed !== INCOMPLETE) return parsed;
      if (atEnd) console.error("SyntaxError: The input ended in the middle of a statement");
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#lines = [];
      console.error(showFault(text, error, colorsFor(process.stderr).red));
    }
    return undefined;
  }

  /** Does what a line such as `.help` asks; false when it is none. */
  #command(line: string): boolean {
    if (this.#lines.length > 0 && line !== ".break" && line !== ".exit") return false;
    if (/^(?:exit|quit)(?:\(\))?;?$/.test(line) && !(line.replace(/\W/g, "") in globalThis)) line = ".exit";
    if (!/^\.[a-z]+$/.test(line)) return false;
    if (line === ".exit") this.#end(0);
    else if (line === ".break") this.#lines = [];
    else if (line === ".help") console.log(HELP);
    else console.error(`Unknown command "${line}"; .help tells which there are`);
    return true;
  }

  #interrupt(): void {
    // While the tasks clean up: enough of it.
    if (this.#closing) process.exit(exitCodeOf("SIGINT"));
    if (this.#session.isBusy) {
      // The terminal has shown "^C" without a line feed.
      if (this.#reader.isTerminal) console.log();
      return this.#session.interrupt();
    }
    const isEmpty = this.#lines.length === 0 && this.#reader.typed === "";
    if (isEmpty && this.#wantsToLeave) return this.#end(0);
    this.#wantsToLeave = isEmpty;
    this.#lines = [];
    this.#reader.discard();
    if (isEmpty) console.log("(Ctrl-C once more leaves, as Ctrl-D and .exit do)");
  }

  #end(code: number): void {
    this.#code = code;
    this.#closing = true;
    this.#session.interrupt();
    this.#reader.close();
  }
}

function showFault(text: string, { message, offset }: InputError, red: (text: string) => string): string {
  const before = text.slice(0, offset).split("\n");
  const line = text.split("\n")[before.length - 1]!;
  return `${red("SyntaxError")}: ${message}\n  ${line}\n  ${" ".repeat(before.at(-1)!.length)}${red("^")}`;
}
