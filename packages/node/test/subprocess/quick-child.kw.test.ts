import { createSubprocessExec } from "@tsyncio/node";
import { createTask, getRunningLoop, run } from "tsyncio";
import { expect, test } from "vitest";

/** Holds up everything. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("what a child wrote that has exited before its streams were there is not lost", () =>
  run(async () => {
    const starting = createTask(createSubprocessExec("echo", ["quick"], { stdout: "pipe" }));
    // After the child was started, in the same iteration: a turn of the host comes before the next.
    getRunningLoop().callSoon(block, 100);
    const child = await starting;
    expect([String(await child.stdout.read()), await child.wait()]).toEqual(["quick\n", 0]);
  }));
