import { execFile } from "node:child_process";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { falls, rises, toWrite } from "../benchmarks/guard/compare.mjs";
import { count } from "../benchmarks/guard/count.mjs";

const guard = fileURLToPath(new URL("../benchmarks/guard/guard.mjs", import.meta.url));
const SIZE = 2_000;
const planted = (name: string) =>
  count({ module: new URL("benchmark-guard/planted.ts", import.meta.url).href, name, size: SIZE });

describe("what is counted of a workload", () => {
  test("is the same in two processes, and no more than it does", async () => {
    const [first, second] = await Promise.all([planted("sound"), planted("sound")]);
    // The bytes but for those of V8's own objects, which rises() allows.
    expect(second).toEqual({ ...first, allocated: expect.closeTo(first.allocated ?? 0, 0) });
    expect(first).toMatchObject({ operations: SIZE, iterations: SIZE, promises: 0, deoptimisations: {} });
    expect(rises(toWrite(first), second)).toEqual([]);
    expect(falls(toWrite(first), second)).toBe(false);
  });

  test("is more by a promise for each await", async () => {
    const { promises } = await planted("withPromises");
    expect(promises).toBeGreaterThanOrEqual(SIZE);
  });

  test("is more by an object for each await", async () => {
    const [sound, withObjects] = await Promise.all([planted("sound"), planted("withObjects")]);
    expect(rises(toWrite(sound), withObjects)).toEqual([expect.stringMatching(/^allocated: /)]);
    expect(falls(toWrite(withObjects), sound)).toBe(true);
  });

  test("is more by the functions of the core that are deoptimised", async () => {
    const { deoptimisations } = await planted("withSurprises");
    expect(Object.keys(deoptimisations ?? {})).toContainEqual(
      expect.stringMatching(/^(task|coroutine|loop)\/\S+ \S+: /),
    );
  });

  test("is more by the places of the core that see too many shapes", async () => {
    const [sound, withShapes] = await Promise.all([planted("sound"), planted("withShapes")]);
    expect(rises(toWrite({ ...sound, iterations: 0 }), withShapes)).toContainEqual(
      expect.stringMatching(/^megamorphic: 1, not 0, in coroutine\/generator-coroutine enter: /),
    );
  });
});

describe("what is more than is written", () => {
  const counts = {
    operations: 1_000,
    allocated: 96.1,
    iterations: 1_002,
    turns: 1,
    promises: 0,
    deoptimisations: { "task/driver run: wrong map": 1 },
    megamorphic: {},
  };

  test.each([
    ["a field", { allocated: 104.1 }, "allocated: 104.1, not 96.1"],
    ["an iteration", { iterations: 1_003 }, "iterations: 1003, not 1002"],
    ["a turn", { turns: 2 }, "turns: 2, not 1"],
    ["a promise", { promises: 1 }, "1 promises, not 0"],
    [
      "a deoptimisation",
      { deoptimisations: { "task/driver run: wrong map": 2 } },
      "deoptimisations: 2, not 1, in task/driver run: wrong map",
    ],
    [
      "a place with many shapes",
      { megamorphic: { "task/task Task: name": 1 } },
      "megamorphic: 1, not 0, in task/task Task: name",
    ],
    ["a number that is none", { allocated: Number.NaN }, "allocated: NaN, not 96.1"],
    [
      "another size",
      { operations: 100, allocated: 1 },
      "100 operations, not 1000: it is not the workload of which is written",
    ],
  ])("by %s is a rise", (_, more, rise) => {
    expect(rises(toWrite(counts), { ...counts, ...more })).toEqual([rise]);
  });

  test("by what V8 makes for itself is none", () => {
    expect(rises(toWrite(counts), { ...counts, allocated: 96.9 })).toEqual([]);
  });

  test("by all of a workload of which nothing is written is a rise", () => {
    expect(rises(undefined, counts)).toEqual(["nothing is written of it"]);
  });
});

describe("npm run bench:guard", () => {
  let folder: string;
  const file = () => join(folder, `node-${process.version.slice(1).split(".")[0]}.json`);
  const start = (...args: string[]) =>
    promisify(execFile)(process.execPath, [guard, "--only", "^freeLock$", "--counts", folder, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  /** Writes that the lock took eight bytes less: the field of an object. */
  const plant = async () => {
    const written = JSON.parse(await readFile(file(), "utf8")) as { freeLock: { allocated: number } };
    written.freeLock.allocated -= 8;
    await writeFile(file(), JSON.stringify(written));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "guard-test-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test(
    "passes with what it has written, and fails when less is written than is counted",
    { timeout: 120_000 },
    async () => {
      const wrote = await start("--write");
      const passed = await start();
      await plant();
      const failed = await start();
      await rename(file(), join(folder, "node-9.json"));
      const elsewhere = await start();

      expect(wrote.code).toBe(0);
      expect(passed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^freeLock +\d+\.\d+ /m) });
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^freeLock: allocated: \S+, not \S+$/m) });
      expect(elsewhere).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing is written for Node") });
    },
  );
});
