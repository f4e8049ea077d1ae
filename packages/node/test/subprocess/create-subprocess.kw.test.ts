import {
  type Process,
  type StreamReader,
  type StreamWriter,
  createSubprocessExec,
  createSubprocessShell,
} from "@tsyncio/node";
import { closeSync, openSync } from "node:fs";
import { CancelledError, createTask, gather, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { children, descriptors } from "./children.ts";

const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;

describe("createSubprocess", () => {
  test(
    "cancelled at any point it leaves no child behind",
    () =>
      nodeProgram(async ({ loop }) => {
        for (const options of [{}, PIPES, { ...PIPES, stderr: "stdout" }] as const) {
          let turns = 0;
          for (let inTime = true; inTime; turns++) {
            for (let iterations = 0; iterations < 4; iterations++) {
              const task = createTask(createSubprocessExec("sleep", ["60"], options));
              for (let n = 0; n < turns; n++) await new Promise(setImmediate);
              for (let n = 0; n < iterations; n++) await sleep(0);
              inTime = task.cancel();
              const outcome: unknown = await Promise.resolve(task).then(
                (child) => child[Symbol.asyncDispose](),
                (error: unknown) => error,
              );
              expect([inTime, loop.resources.size]).toEqual([outcome instanceof CancelledError, 0]);
            }
          }
          expect(children()).toEqual([]);
        }
      }),
    30_000,
  );

  test("tells of what cannot be started by Node's error, and leaves nothing open", () =>
    nodeProgram(async ({ loop }) => {
      const error = (program: string, options = {}) => thrownBy(createSubprocessExec(program, [], options));
      await error("/not/there", PIPES);
      const open = descriptors();
      expect(await error("/not/there", PIPES)).toMatchObject({ code: "ENOENT", syscall: "spawn /not/there" });
      expect(await error("/not/there", { ...PIPES, stderr: "stdout" })).toMatchObject({ code: "ENOENT" });
      expect(await error("/dev/null")).toMatchObject({ code: "EACCES" });
      expect(await error("true", { cwd: "/not/there" })).toMatchObject({ code: "ENOENT" });
      expect(await error("tr\0ue", PIPES)).toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
      await sleep(5);
      expect([descriptors(), loop.resources.size]).toEqual([open, 0]);
    }));

  test("refuses what it does not know, at the call", () =>
    nodeProgram(async () => {
      const bad = (options: object) => () => createSubprocessExec("true", [], options);
      expect(bad({ stdio: "pipe" })).toThrow(
        new TypeError('Cannot create subprocess: there is no option "stdio"; pass stdin, stdout and stderr'),
      );
      expect(bad({ limit: 0 })).toThrow(RangeError);
      expect(bad({ killGrace: "soon" })).toThrow("soon");
      expect(() => createSubprocessExec(["true"] as never)).toThrow(
        new TypeError("Cannot create subprocess: program and arguments must be strings, received true"),
      );
      expect(() => createSubprocessExec("true", "-x" as never)).toThrow(
        new TypeError("Cannot create subprocess: arguments must be an array, received -x"),
      );
    }));

  test("takes a shell, a folder, a name and descriptors", () =>
    nodeProgram(async () => {
      const output = async (child: Process<null, StreamReader, null>) => String((await child.communicate())[0]);
      const stdout = "pipe" as const;
      const options = { stdin: "ignore", stdout, stderr: "ignore" } as const;
      expect(await output(await createSubprocessShell("echo $0", { ...options, shell: "/bin/bash" }))).toBe(
        "/bin/bash\n",
      );
      expect(await output(await createSubprocessExec("pwd", [], { ...options, cwd: new URL("file:///usr") }))).toBe(
        "/usr\n",
      );
      expect(await output(await createSubprocessExec("sh", ["-c", "echo $0"], { ...options, argv0: "me" }))).toBe(
        "me\n",
      );
      const descriptor = openSync("/dev/null", "r+");
      const child = await createSubprocessShell("readlink /proc/$$/fd/0", { ...options, stdin: descriptor });
      expect(await output(child)).toBe("/dev/null\n");
      closeSync(descriptor);
    }));

  test("sends stderr where stdout goes, wherever that is", () =>
    nodeProgram(async () => {
      const both = "readlink /proc/$$/fd/1; readlink /proc/$$/fd/2";
      const piped = await createSubprocessShell(`{ ${both}; } >&2`, { stdout: "pipe", stderr: "stdout" });
      const [first, second] = String((await piped.communicate())[0]).split("\n");
      expect([first, first.startsWith("socket:"), piped.stderr]).toEqual([second, true, null]);
      const ignored = await createSubprocessShell("readlink /proc/$$/fd/2 | grep -q null", {
        stdout: "ignore",
        stderr: "stdout",
      });
      expect(await ignored.wait()).toBe(0);
      const inherited = await createSubprocessShell(
        `test "$(readlink /proc/$$/fd/2)" = "$(readlink /proc/${process.pid}/fd/1)"`,
        { stderr: "stdout" },
      );
      expect(await inherited.wait()).toBe(0);
    }));

  test(
    "200 children, 20 at a time, leave no process and no descriptor",
    () =>
      nodeProgram(async () => {
        const one = async (n: number) => {
          const child = await createSubprocessExec("cat", [], {
            stdin: "pipe",
            stdout: "pipe",
            stderr: n % 5 === 0 ? "stdout" : "pipe",
          });
          const [output] = await child.communicate(`number ${n}`);
          return [String(output), child.returncode];
        };
        await one(0);
        await sleep(5);
        const open = descriptors();
        const numbers = Array.from({ length: 200 }, (_, n) => n);
        expect(await gather(numbers.map(one), { limit: 20 })).toEqual(numbers.map((n) => [`number ${n}`, 0]));
        await sleep(5);
        expect([descriptors(), children()]).toEqual([open, []]);
      }),
    30_000,
  );

  test("knows the streams by the options, in types", () =>
    nodeProgram(async () => {
      const both = await createSubprocessExec("true", [], { stdin: "pipe", stdout: "pipe" });
      expectTypeOf(both.stdin).toEqualTypeOf<StreamWriter>();
      expectTypeOf(both.stdout).toEqualTypeOf<StreamReader>();
      expectTypeOf(both.stderr).toEqualTypeOf<null>();
      const outputs = await both.communicate();
      expectTypeOf(outputs).toEqualTypeOf<[stdout: Buffer, stderr: null]>();
      const chosen: { stdout: "pipe" | "inherit" } = { stdout: "inherit" };
      const open = await createSubprocessShell("true", chosen);
      expectTypeOf(open.stdout).toEqualTypeOf<StreamReader | null>();
      expectTypeOf(open.stdin).toEqualTypeOf<null>();
      expect([outputs[0].length, open.stdout, await open.wait(), String(open)]).toEqual([
        0,
        null,
        0,
        `<Process ${open.pid}>`,
      ]);
    }));
});
