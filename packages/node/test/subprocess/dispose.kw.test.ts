import { type Process, createSubprocessExec, createSubprocessShell } from "@tsyncio/node";
import { constants } from "node:os";
import { CancelledError, Event, TimeoutError, cancelScope, createTask, getRunningLoop, sleep, timeout } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { children } from "./children.ts";

const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
/** Says that it runs, and ignores SIGTERM. */
const STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.01; done";

describe("await using", () => {
  test("ends a child that runs with SIGTERM, and waits until it is gone", () =>
    nodeProgram(async ({ loop }) => {
      let child: Process;
      {
        await using sleeping = await createSubprocessExec("sleep", ["60"], PIPES);
        child = sleeping;
      }
      expect([child.returncode, loop.resources.size, children()]).toEqual([-constants.signals.SIGTERM, 0, []]);
    }));

  test("kills one that stays after the grace", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell(STUBBORN, { stdout: "pipe", killGrace: 30 });
      await child.stdout.readline();
      const before = getRunningLoop().time();
      await child[Symbol.asyncDispose]();
      expect(child.returncode).toBe(-constants.signals.SIGKILL);
      expect(getRunningLoop().time() - before).toBeGreaterThanOrEqual(29);
    }));

  test("leaves one that has ended as it is, and can be done twice", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell("exit 3", PIPES);
      await child.wait();
      await child[Symbol.asyncDispose]();
      await child[Symbol.asyncDispose]();
      expect(child.returncode).toBe(3);
    }));

  test("does not wait for what the child has started and left behind", () =>
    nodeProgram(async ({ loop }) => {
      {
        await using child = await createSubprocessShell("sleep 3 & echo started", { stdout: "pipe" });
        await child.stdout.readline();
      }
      expect(loop.resources.size).toBe(0);
    }));

  test("ends the child of a task that is cancelled, or whose time is up", () =>
    nodeProgram(async ({ log }) => {
      const started = new Event();
      const working = async () => {
        await using child = await createSubprocessExec("sleep", ["60"], PIPES);
        started.set();
        try {
          await child.communicate();
        } finally {
          log.push(child.returncode);
        }
      };
      expect(await thrownBy(timeout(500, working))).toBeInstanceOf(TimeoutError);
      started.clear();
      const task = createTask(working());
      await started.wait();
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      expect([log, children()]).toEqual([[null, null], []]);
    }));

  test("cancelled once more does not wait for the grace: the child is killed at once, and waited for", () =>
    nodeProgram(async () => {
      const child = await createSubprocessShell(STUBBORN, { stdout: "pipe", killGrace: "1h" });
      await child.stdout.readline();
      const task = createTask(child[Symbol.asyncDispose]());
      await sleep(30);
      expect(child.returncode).toBe(null);
      task.cancel("impatient");
      expect(String(await thrownBy(task))).toBe("CancelledError: impatient");
      expect([child.returncode, children()]).toEqual([-9, []]);
    }));

  test("waits in a cancelled scope too", () =>
    nodeProgram(async () => {
      const child = await createSubprocessExec("sleep", ["60"], PIPES);
      await cancelScope(async (scope) => {
        await using _ = child;
        scope.cancel();
        await sleep("1h");
      });
      expect([child.returncode, children()]).toEqual([-constants.signals.SIGTERM, []]);
    }));

  test("cancelled in the moment in which the child has ended, it is cancelled and nothing else", () =>
    nodeProgram(async () => {
      const outcomes: [inTime: boolean, outcome: unknown][] = [];
      for (let iterations = 0; iterations < 4; iterations++) {
        const child = await createSubprocessExec("sleep", ["60"]);
        const leaving = createTask(child[Symbol.asyncDispose]());
        while (child.returncode === null) await sleep(0);
        for (let n = 0; n < iterations; n++) await sleep(0);
        const inTime = leaving.cancel();
        outcomes.push([inTime, inTime ? (await thrownBy(leaving)) instanceof CancelledError : child.returncode]);
      }
      expect(outcomes[0]).toEqual([true, true]);
      expect(outcomes.at(-1)).toEqual([false, -15]);
      expect(outcomes.filter(([inTime, outcome]) => outcome !== (inTime || -15))).toEqual([]);
    }));
});
