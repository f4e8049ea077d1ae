import { describe, expect, test } from "vitest";
import { type Ended, start, tsyncio } from "./tsyncio.ts";

/** What the prompt prints for some lines that are piped in. */
async function typed(...lines: string[]): Promise<Ended> {
  return tsyncio(["repl"], { input: `${lines.join("\n")}\n` });
}

/** The same, where all is well. */
async function printed(...lines: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await typed(...lines);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

describe("tsyncio repl, piped,", () => {
  test("awaits at the top level and prints values, nothing else", async () => {
    expect(await printed('await sleep(1, "hello")', "1 + 1", "undefined", "_ + 1", "asyncio.sleep === sleep")).toEqual([
      "'hello'",
      "2",
      "3",
      "true",
    ]);
  });

  test("keeps every kind of declaration, which may be declared again", async () => {
    expect(
      await printed(
        "const a = 1, { b, c: [d] = [3], ...rest } = { b: 2, e: 5 }",
        "let w: number",
        "w = 4",
        "[a, b, d, w, rest]",
        "const a = 'again'",
        "a",
        "async function twice(x: number): Promise<number> { await sleep(1); return once(x) * 2 }",
        "function once(x) { return x }",
        "await twice(21)",
        "class Base { x = 1 }",
        "abstract class Shape extends Base { abstract area(): number; async m() { await sleep(1); return this.area() } }",
        "await new (class extends Shape { area() { return 9 } })().m()",
        "enum Color { Red, Green }",
        "Color.Green",
        "interface Point { x: number }",
        "const p = { x: 1 } satisfies Point; p",
      ),
    ).toEqual(["4", "[ 1, 2, 3, 4, { e: 5 } ]", "'again'", "42", "9", "1", "{ x: 1 }"]);
  });

  test("imports packages, and TypeScript files with keywords from the current folder", async () => {
    expect(
      await printed(
        'import { fetchPage, Kind } from "./pages.ts"',
        "await fetchPage(Kind.Large)",
        'import path, * as all from "node:path"',
        "all.default === path",
        '(await import("./pages.ts")).Kind === Kind',
        'require("node:os").EOL.length > 0',
      ),
    ).toEqual(["'Large'", "true", "true", "true"]);
  });

  test("waits for the rest of an input that spans lines", async () => {
    expect(
      await printed(
        "async function f() {",
        "  // a comment",
        "  await sleep(1)",
        "",
        "  return `a",
        "b`",
        "}",
        "await f()",
        "1 +",
        "  2",
      ),
    ).toEqual(["'a\\nb'", "3"]);
  });

  test("takes braces for an object where they can be one", async () => {
    expect(await printed("{ a: 1 }", "{ let x = 1; x }", "{}")).toEqual(["{ a: 1 }", "{}"]);
  });

  test("shows what the runtime makes in one line", async () => {
    expect(
      await printed(
        'const task = createTask(sleep(1, 7), { name: "worker" }); task',
        "[new Lock(), new Queue(3)]",
        "await task",
        "async function job() {}",
        "const co = job(); co",
        "await co; co",
      ),
    ).toEqual([
      expect.stringMatching(/^<Task pending name='worker'.*>$/),
      "[ <Lock [unlocked]>, <Queue maxsize=3> ]",
      "7",
      "<Coroutine created name='job'>",
      "<Coroutine closed name='job'>",
    ]);
  });

  test("lets tasks go on behind the next inputs, in one context", async () => {
    expect(
      await printed(
        "const log: string[] = []",
        "const v = new ContextVar('v', { default: 'unset' })",
        "void v.set('set')",
        "const worker = createTask((async () => { await sleep(5); log.push(v.get()); return 'done' })())",
        "log.push('prompt')",
        "await sleep(30)",
        "log",
        "await worker",
      ),
    ).toEqual(["1", "[ 'prompt', 'set' ]", "'done'"]);
  });

  test("prints the help and names commands that it has not", async () => {
    const { stdout, stderr } = await typed(".help", ".hepl");
    expect(stdout).toMatch(/^await works at the prompt;[^]*\n {2}\.exit /);
    expect(stderr).toBe('Unknown command ".hepl"; .help tells which there are\n');
  });

  test("leaves at .exit, after the tasks left have cleaned up", async () => {
    expect(
      await printed(
        "async function serve() { try { await sleep('1h') } finally { await sleep(1); console.log('cleaned up') } }",
        "const server = createTask(serve())",
        "await sleep(1)",
        ".exit",
        "console.log('never read')",
      ),
    ).toEqual(["cleaned up"]);
  });
});

describe("tsyncio repl, when something fails,", () => {
  test("shows the error shortly, with who awaited whom, and goes on", async () => {
    const { code, stdout, stderr } = await typed(
      "async function inner() {",
      "  await sleep(1)",
      "  throw new RangeError('no signal', { cause: new Error('cable cut') })",
      "}",
      "async function outer() { await inner() }",
      "await outer()",
      "nothing",
      "throw 42",
      "'goes on'",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "'goes on'\n" });
    expect(stderr).toBe(`RangeError: no signal
    at inner (REPL1:3:9)
    awaited by outer (REPL2:1:26)
    awaited by REPL3:1:1
  caused by Error: cable cut
      at inner (REPL1:3:46)
ReferenceError: nothing is not defined
    at REPL4:1:1
Uncaught 42
(not an Error: it has no stack)
`);
  });

  test("shows the members of a group as a tree", async () => {
    const { stderr } = await typed(
      "async function read(name) { await sleep(1); throw new Error(`no answer from ${name}`) }",
      "await taskGroup(async (tg) => { for (const name of ['north', 'south']) tg.createTask(read(name), { name }) })",
    );
    expect(stderr).toBe(`ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
    at REPL2:1:1
  ├─ Error: no answer from north
  │      at read (REPL1:1:51) in task "north"
  └─ Error: no answer from south
         at read (REPL1:1:51) in task "south"
`);
  });

  test("shows a deadlock, and the loop runs again", async () => {
    const { stdout, stderr } = await typed("await new Event().wait()", "await sleep(1, 'goes on')");
    expect(stdout).toBe("'goes on'\n");
    expect(stderr).toMatch(/^DeadlockError: Cannot go on: .+\n\* Task\(name='REPL1'\) waits in Event\.wait\n/);
  });

  test("marks the place of a syntax error", async () => {
    const { stdout, stderr } = await typed("const x = 1", "foo bar", "x");
    expect(stdout).toBe("1\n");
    expect(stderr).toMatch(/^SyntaxError: .+\n {2}foo bar\n {5}\^\n$/);
  });

  test("tells of an input that ends in its middle", async () => {
    expect((await typed("function f() {")).stderr).toBe("SyntaxError: The input ended in the middle of a statement\n");
  });

  test("names an export that is missing, and a module that is", async () => {
    const { stderr } = await typed('import { nope } from "node:os"', 'import x from "./nope.ts"');
    expect(stderr).toContain('The module "node:os" does not provide an export named "nope"\n    at REPL1:1:1\n');
    expect(stderr).toMatch(/\nError: Cannot find module '.*nope\.ts' imported from .*\n {4}at REPL2:1:1\n/);
  });

  test("survives errors that nobody could catch: of timers and of native promises", async () => {
    const { code, stdout, stderr } = await typed(
      "void setTimeout(() => { throw new Error('in a timer') }, 1)",
      "await sleep(30)",
      "void Promise.reject(new Error('native'))",
      "await sleep(1, 'goes on')",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "'goes on'\n" });
    expect(stderr).toContain("Error: in a timer\n    at Timeout._onTimeout (REPL1:1:31)\n");
    expect(stderr).toContain("Error: native\n    at REPL3:1:21\n");
  });

  test("reports at its end what was never awaited, and errors that nobody has read", async () => {
    const { stderr } = await typed(
      "async function job() { throw new Error('disk full') }",
      "const forgotten = job()",
      "const task = createTask(job(), { name: 'saver' })",
      "await sleep(1)",
    );
    expect(stderr).toContain('tsyncio: coroutine "job" was never awaited;');
    expect(stderr).toContain(
      'Task exception was never retrieved\nError: disk full\n    at job (REPL1:1:30) in task "saver"\n',
    );
  });
});

describe.skipIf(process.platform === "win32")("tsyncio repl, interrupted,", () => {
  test("cancels the input that runs, not the tasks behind it, and goes on", async () => {
    const { child, printed, ended } = start(["repl"]);
    child.stdin!.write(`const behind = createTask(sleep(300, "still there"))
try { console.log("waiting"); await sleep("1h") } finally { console.log("cleaned up") }
`);
    await printed("waiting");
    child.kill("SIGINT");
    await printed("cleaned up");
    child.stdin!.end("await behind\n");
    expect(await ended).toMatchObject({
      code: 0,
      stdout: "waiting\ncleaned up\n'still there'\n",
      stderr: "KeyboardInterrupt\n",
    });
  });

  test("gives the prompt back at the second one, when an input does not end", async () => {
    const { child, printed, ended } = start(["repl"]);
    child.stdin!.write(
      `try { console.log("waiting"); await sleep("1h") } finally { console.log("stubborn"); await sleep("1h") }\n`,
    );
    await printed("waiting");
    child.kill("SIGINT");
    await printed("stubborn");
    child.kill("SIGINT");
    child.stdin!.end("'goes on'\n");
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "waiting\nstubborn\n'goes on'\n" });
    expect(stderr).toBe('Task "REPL1" goes on behind the prompt: it did not end when it was cancelled\n');
  });

  test("by SIGTERM lets the tasks clean up and exits with 143", async () => {
    const { child, printed, ended } = start(["repl"]);
    child.stdin!.write(
      `try { console.log("waiting"); await sleep("1h") } finally { await sleep(1); console.log("cleaned up") }\n`,
    );
    await printed("waiting");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 143, stdout: "waiting\ncleaned up\n" });
  });
});
