import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "tsyncio";
import { onTestFinished } from "vitest";

/** What happened in workers, in order: a file to which they add lines. */
export class Notes {
  readonly file: string;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "tsyncio-notes-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    this.file = join(folder, "notes");
    writeFileSync(this.file, "");
  }

  get lines(): string[] {
    return readFileSync(this.file, "utf8").split("\n").slice(0, -1);
  }

  add(line: string): void {
    appendFileSync(this.file, `${line}\n`);
  }

  /** Waits until there is such a line. */
  async until(line: string): Promise<void> {
    await until(() => this.lines.includes(line), `the note "${line}"; there is ${this.lines.join(", ")}`);
  }
}

/** Waits until something holds that nothing tells of. */
export async function until(holds: () => boolean, what = String(holds)): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (holds()) return;
    await sleep(5);
  }
  throw new Error(`waited in vain for ${what}`);
}
