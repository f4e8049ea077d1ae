import { describe, expect, test } from "vitest";
import { tsyncio } from "./tsyncio.ts";

async function shown(file: string, ...flags: string[]): Promise<string> {
  const { code, stderr } = await tsyncio(["run", ...flags, file]);
  expect(code).toBe(1);
  return stderr;
}

describe("an error that nobody caught", () => {
  test("is shown with its source, who awaited whom, and its cause", async () => {
    expect(await shown("uncaught.ts")).toBe(`RangeError: no signal

   7 | async function measure(): Promise<Measure> {
   8 |   await sleep(1);
>  9 |   throw new RangeError("no signal", { cause: new TypeError("cable cut") });
     |         ^
  10 | }

    at measure (uncaught.ts:9:9)
    awaited by twice (uncaught.ts:14:21) in task "Task-2"
    awaited by main (uncaught.ts:19:3) in task "Task-1"
  caused by TypeError: cable cut
      at measure (uncaught.ts:9:46)
`);
  });

  test("has the coroutines on the JavaScript stack as plain frames", async () => {
    expect(await shown("deep.ts")).toContain(`
    at inner (deep.ts:4:9)
    at outer (deep.ts:8:3)
    at Reader.read (deep.ts:14:5) in task "Task-1"
`);
  });

  test("that the runtime threw points at the program, not at the runtime", async () => {
    const text = await shown("twice-awaited.ts");
    expect(text).toContain('RuntimeError: Cannot await coroutine "job": it has already been awaited');
    expect(text).toContain("> 15 |   await once;");
    expect(text).toContain("    at main (twice-awaited.ts:15:");
    expect(text).not.toMatch(/packages\/core|tsyncio\/dist|node:internal|\.next/);
  });

  test("of a group is a tree with every member", async () => {
    const text = await shown("group.ts");
    expect(text).toMatch(/^ExceptionGroup: two sensors \(2 sub-exceptions\)\n/);
    const tree = text.split("\n").filter((line) => /[├└]─/.test(line));
    expect(tree).toEqual([
      "  ├─ TypeError: first",
      "  └─ ExceptionGroup: inner (2 sub-exceptions)",
      "       ├─ RangeError: second",
      "       └─ Error: third",
    ]);
  });

  test("of a task group shows each task with its source, its cause and its properties", async () => {
    expect(await shown("sensors.ts")).toBe(`ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)

   9 | async function main(): Promise<void> {
> 10 |   await taskGroup(async (tg) => {
     |   ^
  11 |     tg.createTask(read("north"), { name: "north" });

    at main (sensors.ts:10:3) in task "main"
  ├─ Error: no answer from north
  │
  │    4 |   await sleep(1);
  │    5 |   const cause = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
  │  > 6 |   throw new Error(\`no answer from \${sensor}\`, { cause });
  │      |         ^
  │    7 | }
  │
  │      at read (sensors.ts:6:9) in task "north"
  │    caused by Error: connection refused
  │
  │      3 | async function read(sensor: string): Promise<void> {
  │      4 |   await sleep(1);
  │    > 5 |   const cause = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
  │        |                               ^
  │      6 |   throw new Error(\`no answer from \${sensor}\`, { cause });
  │
  │        at read (sensors.ts:5:31)
  │        { code: 'ECONNREFUSED' }
  └─ Error: no answer from south
         at read (sensors.ts:6:9) in task "south"
       caused by Error: connection refused
           at read (sensors.ts:5:31)
           { code: 'ECONNREFUSED' }
`);
  });

  test("that the runtime made points at the await in the program, through a for await", async () => {
    const text = await shown("late.ts");
    expect(text).toMatch(/^TimeoutError/);
    expect(text).toContain('> 5 |   await waitFor(sleep("1h"), "1ms");');
    expect(text.split("\n").filter((line) => /^ {4}(?:at|awaited)/.test(line))).toEqual([
      "    at pages (late.ts:5:3)",
      expect.stringMatching(/^ {4}awaited by crawl \(late\.ts:13:\d+\) in task "Task-1"$/),
    ]);
  });

  test("that is a deadlock shows who waits for whom", async () => {
    const text = await shown("deadlock.ts");
    expect(text).toMatch(/^DeadlockError: Cannot go on: every task waits for something that nothing left can bring\n/);
    expect(text).toContain("* Task(name='Task-2') waits in Queue.get\n");
    expect(text).toContain("            * Task(name='main')\n");
  });

  test("outside of run, in a timer, is shown in the same way", async () => {
    expect(await shown("late-error.ts")).toBe(`Error: in a timer

  5 | function fail({ why }: Late): never {
> 6 |   throw new Error(why);
    |         ^
  7 | }

    at fail (late-error.ts:6:9)
    at Timeout._onTimeout (late-error.ts:9:18)
`);
  });

  test("that is a rejection ends the program at once", async () => {
    const { code, stdout, stderr } = await tsyncio(["run", "rejection.ts"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "before\n" });
    expect(stderr).toContain('> 2 | void Promise.reject(new Error("nobody listens"));');
  });

  test("is left to the program when it listens for uncaught exceptions", async () => {
    const ended = await tsyncio(["run", "handled.ts"]);
    expect(ended).toMatchObject({ code: 3, stdout: "handled: left to the program\n", stderr: "" });
  });

  test("that is no Error is shown as the value that it is", async () => {
    expect(await shown("thrown-value.ts")).toBe(
      "Uncaught { reason: 'not an error' }\n(not an Error: it has no stack)\n",
    );
  });

  test("is coloured when colours are asked for", async () => {
    const { stderr } = await tsyncio(["run", "late-error.ts"], { env: { FORCE_COLOR: "1" } });
    expect(stderr).toContain("\u001B[31m\u001B[1mError\u001B[22m\u001B[39m: in a timer");
  });

  test("is not coloured where NO_COLOR is set, nor in a pipe", async () => {
    expect((await tsyncio(["run", "late-error.ts"], { env: { NO_COLOR: "1" } })).stderr).not.toContain("\u001B");
    const piped = await tsyncio(["run", "late-error.ts"], { env: { FORCE_COLOR: undefined } });
    expect(piped.stderr).not.toContain("\u001B");
  });
});

describe("a file that cannot be loaded", () => {
  test("because of its syntax is shown with the place and no stack", async () => {
    expect(await shown("syntax-error.ts")).toBe(`SyntaxError: Expected \`,\` or \`)\` but found \`;\`

  3 | async function main(): Promise<void> {
> 4 |   await sleep(1;
    |                ^
  5 | }

    at syntax-error.ts:4:16
`);
  });

  test("because of its syntax is shown in the same way when it is plain JavaScript", async () => {
    const text = await shown("syntax-error.mjs");
    expect(text).toMatch(/^SyntaxError: .+\n\n {2}1 \| const a = 1;\n> 2 \| const b = \(a;\n/);
    expect(text).toMatch(/\n {4}at syntax-error\.mjs:2:\d+\n$/);
  });

  test("because an import is missing names it, without a stack of Node", async () => {
    const text = await shown("missing-import.ts");
    expect(text).toMatch(/^Error: Cannot find "\.\/there-is-no-such-file\.ts": there is no such file\n/);
    expect(text).toContain('> 2 | import { nothing } from "./there-is-no-such-file.ts";');
    expect(text).not.toContain("node:internal");
  });

  test("because an export is missing names it and shows the import", async () => {
    const text = await shown("missing-export.ts");
    expect(text).toContain("slep");
    expect(text).toContain('> 1 | import { run, slep } from "tsyncio";');
  });
});
