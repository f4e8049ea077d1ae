import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtures, start, tsyncio } from "./tsyncio.ts";

describe("tsyncio run", () => {
  test("compiles the keywords, strips the types and exits with 0", async () => {
    expect(await tsyncio(["run", "hello.ts"])).toMatchObject({ code: 0, stdout: "coroutine\nhello\n", stderr: "" });
  });

  test("runs a CommonJS file", async () => {
    expect(await tsyncio(["run", "commonjs.cts"])).toMatchObject({ code: 0, stdout: "from CommonJS\n", stderr: "" });
  });

  test("gives everything after the file to the program, options too", async () => {
    const { stdout } = await tsyncio(["run", "arguments.ts", "a", "--debug", "--", "-x", "--help"]);
    expect(JSON.parse(stdout)).toEqual([join(fixtures, "arguments.ts"), "a", "--debug", "--", "-x", "--help"]);
  });

  test("leaves the streams and the exit code to the program", async () => {
    const ended = await tsyncio(["run", "streams.ts"], { input: "piped" });
    expect(ended).toMatchObject({ code: 7, stdout: "PIPED", stderr: "to stderr" });
  });

  test("exits with the code that the program gives to process.exit", async () => {
    expect(await tsyncio(["run", "exit-in-program.ts"])).toMatchObject({ code: 4, stderr: "" });
  });

  test("turns the debug mode of the loop on with --debug", async () => {
    expect((await tsyncio(["run", "--debug", "debug.ts"])).stdout).toBe("1 true\n");
    expect((await tsyncio(["run", "debug.ts"])).stdout).toBe("undefined false\n");
  });

  test("says which coroutine was never awaited, and with --debug where it was made", async () => {
    const { code, stderr } = await tsyncio(["run", "never-awaited.ts"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'tsyncio: coroutine "save" was never awaited; write await save(...) or createTask(save(...))\n',
    });
    const debug = await tsyncio(["run", "--debug", "never-awaited.ts"]);
    expect(debug.stderr).toMatch(/^tsyncio: coroutine "save" was [^]*\n {4}at main \(.*never-awaited\.ts:8:3\)/);
  });

  test("reports the error of a task that nobody waited for", async () => {
    const { code, stdout, stderr } = await tsyncio(["run", "never-retrieved.ts"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "main ended\n" });
    expect(stderr).toMatch(/^Task exception was never retrieved\n[^]*'saver'[^]* Error: disk full\n/);
  });

  test("says that the top-level await was still waiting, and exits with 13", async () => {
    const { code, stdout, stderr } = await tsyncio(["run", "unsettled.ts"]);
    expect({ code, stdout }).toEqual({ code: 13, stdout: "started\n" });
    expect(stderr).toBe(
      "unsettled.ts: The program ended while its top-level await was still waiting; nothing was left that could end it\n",
    );
  });

  test("cuts no output that is still on its way to a pipe", async () => {
    const { code, stdout, stderr } = await tsyncio(["run", "much-output.ts"]);
    expect({ code, length: stdout.length }).toEqual({ code: 1, length: 1_000_001 });
    expect(stderr).toContain("Error: after a lot of output");
  });
});

describe.skipIf(process.platform === "win32")("tsyncio run, interrupted", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s cleans up and exits with %i, without a word", async (signal, code) => {
    const { child, printed, ended } = start(["run", "interrupted.ts"]);
    await printed("waiting");
    child.kill(signal);
    expect(await ended).toEqual({ code, signal: null, stdout: "waiting\ncleaning up\nclean\n", stderr: "" });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s twice ends at once with %i", async (signal, code) => {
    const { child, printed, ended } = start(["run", "stubborn.ts"]);
    await printed("waiting");
    child.kill(signal);
    await printed("cleaning up");
    child.kill(signal);
    expect(await ended).toEqual({ code, signal: null, stdout: "waiting\ncleaning up\n", stderr: "" });
  });
});

describe("tsyncio run, used wrongly,", () => {
  test.each([
    ["a file that does not exist", ["run", "nowhere.ts"], "Cannot run nowhere.ts: no such file\n"],
    ["a name without its ending", ["run", "hello"], "Cannot run hello: no such file; did you mean hello.ts?\n"],
    ["a name with another ending", ["run", "hello.js"], "Cannot run hello.js: no such file; did you mean hello.ts?\n"],
    ["a folder", ["run", "."], "Cannot run .: it is a folder; name the file to run\n"],
    [
      "an unknown option",
      ["run", "--nope", "hello.ts"],
      'Cannot start: unknown option "--nope"; see: tsyncio --help\n',
    ],
    ["a misspelt option", ["run", "--debgu"], 'Cannot start: unknown option "--debgu"; did you mean --debug?\n'],
    [
      "too many arguments",
      ["repl", "x"],
      'Cannot start: too many arguments for "repl", expected 0, received 1; see: tsyncio --help\n',
    ],
    ["no file", ["run"], 'Cannot start: missing required argument "file"; see: tsyncio --help\n'],
    [
      "a program without run",
      ["hello.ts"],
      'Cannot start: unknown command "hello.ts"; did you mean tsyncio run hello.ts?\n',
    ],
    ["an unknown command", ["walk"], 'Cannot start: unknown command "walk"; see: tsyncio --help\n'],
  ])("names %s in one line and exits with 2", async (_, args, stderr) => {
    expect(await tsyncio(args)).toMatchObject({ code: 2, stdout: "", stderr });
  });

  test("names a file of another kind", async () => {
    const { code, stderr } = await tsyncio(["run", "../tsconfig.json"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Cannot run .*tsconfig\.json: expected a file that ends in \.ts, /);
  });
});

describe("tsyncio", () => {
  test("prints its version with --version", async () => {
    const { version } = JSON.parse(await readFile(join(fixtures, "../../package.json"), "utf8")) as { version: string };
    expect(await tsyncio(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("shows its commands and a first program with --help, and without a command", async () => {
    const { code, stdout } = await tsyncio(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: tsyncio \[options\] \[command\]\n/);
    expect(stdout).toContain("  $ tsyncio run app.ts ");
    expect(stdout).toContain("  await run(main());");
    expect(await tsyncio([])).toMatchObject({ code: 2, stdout: "", stderr: stdout });
  });

  test.each(["run", "repl"])("shows no line wider than 85 columns with %s --help", async (command) => {
    const { code, stdout } = await tsyncio([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("-d, --debug");
    expect(stdout.split("\n").filter((line) => line.length > 85)).toEqual([]);
  });
});
