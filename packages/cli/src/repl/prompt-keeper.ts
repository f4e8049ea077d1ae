import { clearScreenDown, cursorTo, type Interface, moveCursor } from "node:readline";

type Write = typeof process.stdout.write;

/**
 * Keeps the prompt, and what is typed behind it, below what running tasks print: takes it away, lets them print, and puts it
 * back. Works on standard output and standard error while `keep` is on.
 */
export class PromptKeeper {
  /** Where readline writes: standard output, past the keeper. */
  readonly output: NodeJS.WriteStream;
  readonly #streams = [process.stdout, process.stderr].filter(({ isTTY }) => isTTY);
  readonly #writes = new Map<NodeJS.WriteStream, Write>();

  constructor() {
    const write: Write = process.stdout.write.bind(process.stdout);
    this.output = Object.create(process.stdout, { write: { value: write } }) as NodeJS.WriteStream;
  }

  keep(prompt: Interface): void {
    for (const stream of this.#streams) {
      const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
      this.#writes.set(stream, stream.write);
      stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
        this.#takeAway(prompt);
        const flushed = write(chunk, ...rest);
        const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
        // Half a line: the prompt goes below it, and the rest of it too.
        if (!text.endsWith("\n")) this.output.write("\n");
        prompt.prompt(true);
        return flushed;
      }) as Write;
    }
  }

  release(): void {
    for (const [stream, write] of this.#writes) stream.write = write;
    this.#writes.clear();
  }

  #takeAway(prompt: Interface): void {
    const { rows } = prompt.getCursorPos();
    if (rows > 0) moveCursor(this.output, 0, -rows);
    cursorTo(this.output, 0);
    clearScreenDown(this.output);
  }
}
