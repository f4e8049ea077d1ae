import { createInterface, type Interface } from "node:readline";
import { History } from "./history.ts";
import { PromptKeeper } from "./prompt-keeper.ts";

export interface LineReaderOptions {
  readonly complete: (line: string) => [candidates: string[], completed: string];
  /** Ctrl-C at the prompt. */
  readonly onInterrupt: () => void;
}

/**
 * Reads what is typed, one line at a time, and only when asked: what is typed or piped while an input runs waits.
 * On a terminal it edits the line, keeps a history, and keeps the prompt below what running tasks print.
 */
export class LineReader {
  readonly isTerminal: boolean;
  readonly #lines: string[] = [];
  readonly #interface: Interface;
  readonly #keeper: PromptKeeper | undefined;
  readonly #history: History | undefined;
  #waiting: ((line: string | undefined) => void) | undefined;
  #closed = false;

  constructor({ complete, onInterrupt }: LineReaderOptions) {
    this.isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
    this.#history = this.isTerminal ? new History() : undefined;
    this.#keeper = this.isTerminal ? new PromptKeeper() : undefined;
    this.#interface = createInterface({
      input: process.stdin,
      ...(this.#keeper === undefined ? {} : { output: this.#keeper.output }),
      terminal: this.isTerminal,
      history: this.#history?.load() ?? [],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: complete,
    });
    this.#interface.pause();
    this.#interface.on("line", (line) => this.#take(line));
    this.#interface.on("SIGINT", onInterrupt);
    this.#interface.on("history", (lines) => this.#history?.save(lines));
    this.#interface.on("close", () => {
      this.#closed = true;
      // What the tasks print while they clean up does not belong behind the prompt.
      if (this.isTerminal && this.#waiting !== undefined) this.#keeper?.output.write("\n");
      this.#take(undefined);
    });
  }

  /** The next line; undefined at the end of the input. */
  next(prompt: string): Promise<string | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || this.#closed) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#setRaw(true);
      this.#interface.setPrompt(this.isTerminal ? prompt : "");
      if (this.isTerminal) this.#interface.prompt();
      else this.#interface.resume();
      this.#keeper?.keep(this.#interface);
    });
  }

  /** Gives up the line that is being typed: the one who waits for it gets an empty one. */
  discard(): void {
    this.#lines.length = 0;
    if (this.#waiting === undefined) return;
    (this.#interface as { line: string }).line = "";
    (this.#interface as { cursor: number }).cursor = 0;
    this.#keeper?.release();
    if (this.isTerminal) process.stdout.write("\n");
    this.#take("");
  }

  /** What is in the line that is being typed. */
  get typed(): string {
    return this.#interface.line;
  }

  close(): void {
    this.#keeper?.release();
    this.#interface.close();
  }

  #take(line: string | undefined): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      if (line !== undefined) this.#lines.push(line);
      return;
    }
    this.#waiting = undefined;
    this.#keeper?.release();
    if (!this.#closed) {
      this.#interface.pause();
      // While an input runs the terminal makes Ctrl-C a signal, and Ctrl-Z and Ctrl-\ work.
      this.#setRaw(false);
    }
    waiting(line);
  }

  #setRaw(raw: boolean): void {
    if (this.isTerminal) process.stdin.setRawMode(raw);
  }
}
