import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The lines typed in earlier sessions, newest first, in `~/.tsyncio_repl_history`, or in the file that
 * TSYNCIO_REPL_HISTORY names; an empty name keeps none. A history that cannot be read or written is none.
 */
export class History {
  readonly #file: string = process.env["TSYNCIO_REPL_HISTORY"] ?? join(homedir(), ".tsyncio_repl_history");

  load(): string[] {
    if (this.#file === "") return [];
    try {
      return readFileSync(this.#file, "utf8").split("\n").filter(Boolean);
    } catch {
      return [];
    }
  }

  save(lines: readonly string[]): void {
    if (this.#file === "") return;
    try {
      writeFileSync(this.#file, `${lines.join("\n")}\n`, { mode: 0o600 });
    } catch {
      // A read-only home: the session goes on without.
    }
  }
}
