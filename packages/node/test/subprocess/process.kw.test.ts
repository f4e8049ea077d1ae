import { ProcessLookupError, createSubprocessExec, createSubprocessShell } from "@tsyncio/node";
import { constants } from "node:os";
import { CancelledError, RuntimeError, type Task, createTask, gather, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";

const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;

describe("communicate", () => {
  test(
    "takes 64 MiB each way at the same time",
    () =>
      nodeProgram(async () => {
        const input = Buffer.alloc(64 << 20);
        for (let at = 0; at < input.length; at += 4096) input.writeUInt32LE(at, at);
        const child = await createSubprocessExec("cat", [], { stdin: "pipe", stdout: "pipe" });
        const [output] = await child.communicate(input);
        expect([output.length, output.equals(input), child.returncode]).toEqual([input.length, true, 0]);
      }),
    30_000,
  );

  test("takes as much from stderr beside stdout, and text as its UTF-8", () =>
    nodeProgram(async () => {
      const size = 4 << 20;
      const child = await createSubprocessShell(`wc -c; head -c ${size} /dev/zero >&2; printf end`, PIPES);
      const [stdout, stderr] = await child.communicate("grüß\n");
      expect([String(stdout), stderr.length]).toEqual(["7\nend", size]);
    }));

  test("gives null for what is no pipe, and refuses input without one", () =>
    nodeProgram(async () => {
      const child = await createSubprocessExec("true");
      expect(() => child.communicate("input")).toThrow(
        new RuntimeError('Cannot communicate input: stdin is no pipe; start the child with stdin: "pipe"'),
      );
      expect(await child.communicate()).toEqual([null, null]);
    }));

  test("cancelled while it waits leaves the child running, and its output to be read", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell("echo first; sleep 0.3; echo second", PIPES);
      const task = createTask(child.communicate());
      while (!String(child.stdout).includes("6 bytes")) await sleep(1);
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      expect([String(await child.stdout.read()), await child.wait()]).toEqual(["first\nsecond\n", 0]);
    }));

  test.each(["stdout", "stderr"] as const)("is no way around somebody who reads %s already", (stream) =>
    nodeProgram(async () => {
      await using child = await createSubprocessExec("sleep", ["60"], PIPES);
      const reading = createTask(child[stream].read());
      await sleep(0);
      expect(await thrownBy(child.communicate())).toBeInstanceOf(RuntimeError);
      reading.cancel();
    }),
  );

  test.each([
    ["stdout", "stderr", "err\n"],
    ["stderr", "stdout", "out\n"],
  ] as const)("throws at once what breaks %s, and leaves %s to be read", (broken, whole, text) =>
    nodeProgram(async () => {
      await using child = await createSubprocessShell("echo out; echo err >&2; exec sleep 60", PIPES);
      while (!String(child[whole]).includes("4 bytes")) await sleep(1);
      const task = createTask(child.communicate());
      await sleep(0);
      child[broken].setException(new Error("broken"));
      expect(await thrownBy(task)).toEqual(new Error("broken"));
      expect([String(await child[whole].read(10)), child.returncode]).toEqual([text, null]);
    }),
  );
});

describe("wait", () => {
  test("gives the return code to every task that waits, in the order in which they came", () =>
    nodeProgram(async ({ log }) => {
      const child = await createSubprocessShell("read end; exit 3", { stdin: "pipe" });
      const waiting = async (name: string) => log.push([name, await child.wait()]);
      const tasks = ["a", "b", "c"].map((name) => createTask(waiting(name)));
      await sleep(0);
      child.stdin.close();
      await gather(tasks);
      expect(log).toEqual([
        ["a", 3],
        ["b", 3],
        ["c", 3],
      ]);
      expect(await child.wait()).toBe(3);
    }));

  test("cancelled in the iteration in which the child ends is cancelled, and the return code is not lost", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell("exit 3");
      const waiting: Task<number>[] = [];
      const cancelling = async () => {
        await child.wait();
        return waiting[0].cancel();
      };
      const first = createTask(cancelling());
      waiting.push(createTask(child.wait()));
      expect(await first).toBe(true);
      expect(await thrownBy(waiting[0])).toBeInstanceOf(CancelledError);
      expect(await child.wait()).toBe(3);
    }));

  test("is over at the exit, though a pipe is open still", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell("sleep 3 & echo started", { stdout: "pipe" });
      expect([await child.wait(), String(await child.stdout.readline()), child.stdout.atEof()]).toEqual([
        0,
        "started\n",
        false,
      ]);
    }));
});

describe("a signal", () => {
  test("is spared a child that has exited, until everything of it is read", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell("head -c 100000 /dev/zero", { stdout: "pipe", limit: 10 });
      await child.wait();
      child.kill();
      expect([(await child.stdout.read()).length, child.returncode]).toEqual([100_000, 0]);
      await sleep(5);
      expect(() => child.sendSignal("SIGTERM")).toThrow(
        new ProcessLookupError(
          `Cannot send SIGTERM to process ${child.pid}: it has ended with 0; look at returncode before`,
        ),
      );
      expect(new ProcessLookupError().code).toBe("TSYNCIO_NO_PROCESS");
    }));

  test("goes by name or number; what is none is Node's error", () =>
    nodeProgram(async () => {
      const child = await createSubprocessExec("sleep", ["60"]);
      expect(() => child.sendSignal("boom" as NodeJS.Signals)).toThrow(TypeError);
      child.sendSignal(0);
      child.sendSignal(constants.signals.SIGUSR1);
      expect(await child.wait()).toBe(-constants.signals.SIGUSR1);
    }));
});
