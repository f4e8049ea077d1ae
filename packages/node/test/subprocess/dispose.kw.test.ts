import { createSubprocessExec } from "@tsyncio/node";
import { CancelledError, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";

test("cancelled in the moment in which the child has ended, leaving its block is cancelled and nothing else", () =>
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
