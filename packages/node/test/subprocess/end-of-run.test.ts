import { expect, test } from "vitest";
import { startProgram } from "../start-program.ts";

const ALL = `const { coroutine, run, sleep } = tsyncio;
const { createSubprocessExec } = node;\n`;

test("at the end of run, a child that still runs is killed, and the program ends", async () => {
  const { ended } = startProgram(`${ALL}
    await run(coroutine(function* main() {
      const child = yield* createSubprocessExec("sleep", ["30"], { stdin: "pipe", stdout: "pipe" });
      console.log(child.pid);
    }));
  `);
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(() => process.kill(Number(stdout), 0)).toThrow("ESRCH");
});

test("but one that is detached runs on, without the program", async () => {
  const { ended } = startProgram(`${ALL}
    await run(coroutine(function* main() {
      const child = yield* createSubprocessExec("sleep", ["30"], { stdin: "ignore", stdout: "ignore", stderr: "ignore", detached: true });
      console.log(child.pid);
    }));
  `);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  const pid = Number(stdout);
  expect(process.kill(pid, 0)).toBe(true);
  process.kill(pid);
});

test("Ctrl-C has main clean up, its children as well", async () => {
  const { child, printed, ended } = startProgram(`${ALL}
    await run(coroutine(function* main() {
      const command = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done";
      const child = yield* createSubprocessExec("sh", ["-c", command], { stdout: "pipe" });
      console.log(String(yield* child.stdout.readline()));
      try { yield* sleep("1m"); } finally { yield* child[Symbol.asyncDispose](); console.log(child.returncode); }
    })).catch((error) => console.log(error.name));
  `);
  await printed("ready");
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\n\n5\nKeyboardInterrupt\n" });
});
