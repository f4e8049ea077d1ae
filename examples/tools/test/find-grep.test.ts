import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProgram } from "../../../test/started-program.ts";

const search = (...args: string[]) => startProgram(new URL("../src/find-grep/main.ts", import.meta.url), args).ended;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "find-grep-"));
  for (let i = 0; i < 1000; i++) {
    const place = join(folder, `d${i % 7}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `a file ${i}.txt`), `first\nnumber ${i} ü\n`);
  }
  writeFileSync(join(folder, "newline\nname.txt"), "number 5 in an odd file\n");
  writeFileSync(join(folder, "other.md"), "number 5\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("finds what `find | xargs grep` finds, in its order", async () => {
  const { code, stdout, stderr } = await search("number [0-9]*5", folder, "*.txt");
  const shell = `find "$0" -type f -name '*.txt' -print0 | xargs -0 grep -HnIE -e 'number [0-9]*5' --`;
  const expected = execFileSync("sh", ["-c", shell, folder], { encoding: "utf8" });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe(expected);
  expect(stdout.split("\n").length).toBeGreaterThan(90);
});

test("ends with 1 when nothing matches, and says what is wrong with a pattern", async () => {
  const nothing = await search("nowhere", folder);
  expect([nothing.code, nothing.stdout, nothing.stderr]).toEqual([1, "", ""]);
  const wrong = await search("(", folder);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/grep failed: .*\(/);
});
