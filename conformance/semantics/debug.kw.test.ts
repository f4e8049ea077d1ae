import { CancelledError, type EventLoop, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { type Given, program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

function schedulesDeepDown(loop: EventLoop, depth: number): void {
  if (depth > 0) return schedulesDeepDown(loop, depth - 1);
  loop.callSoon(() => {
    throw new RangeError("of the callback");
  });
}

test("in debug mode a report tells where the callback was scheduled, by ten frames of the stack at most", () =>
  program(
    async ({ loop, heard }: Given) => {
      schedulesDeepDown(loop, 30);
      await giveWay(2);
      const [{ sourceTraceback }] = heard.splice(0);
      const frames = sourceTraceback!.split("\n");
      expect(frames.length).toBe(10);
      for (const frame of frames) expect(frame).toContain("schedulesDeepDown");
    },
    { debug: true },
  ));

test.each([true, false])("a CancelledError has a stack in debug mode only: %s", (debug) =>
  program(
    async () => {
      const task = createTask(sleep(1000));
      await sleep(0);
      task.cancel("why");
      const error = await thrownBy(task);
      expect(error).toEqual(new CancelledError("why"));
      expect((error as Error).stack!.split("\n").length > 1).toBe(debug);
    },
    { debug },
  ),
);
