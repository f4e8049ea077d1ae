import { CancelledError, TimeoutError, createTask, currentTask, sleep, timeout, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay, iterationsFromHere } from "./iterations.ts";

test("waitFor() without a limit is a plain await: no task, no timer, no iteration", () =>
  program(async ({ loop }) => {
    const caller = currentTask();
    const iterations = iterationsFromHere();
    const inside = async () => [currentTask() === caller, loop.statistics().timers];
    expect(await waitFor(inside(), null)).toEqual([true, 0]);
    expect(iterations()).toBe(0);
  }));

test("waitFor() of zero cancels a task and waits for it: a result that it gives all the same comes out, and an error too", () =>
  eitherStart(async ({ log }) => {
    const resisting = async (end: () => string): Promise<string> => {
      try {
        return await sleep(10_000, "slept");
      } catch {
        await giveWay(3);
        log.push("cleaned up");
        return end();
      }
    };
    const stubborn = createTask(resisting(() => "all the same"));
    const failing = createTask(
      resisting(() => {
        throw new RangeError("in its cleanup");
      }),
    );
    await sleep(0);
    expect(await waitFor(stubborn, 0)).toBe("all the same");
    expect(await thrownBy(waitFor(failing, -1))).toEqual(new RangeError("in its cleanup"));
    expect(log.splice(0)).toEqual(["cleaned up", "cleaned up"]);
  }));

test("the TimeoutError of waitFor() and timeout() has no text; its cause is the cancellation, which has none either", () =>
  program(async () => {
    const forever = () => sleep("1h");
    for (const limited of [waitFor(forever(), 5), waitFor(forever(), 0), timeout(5, forever), timeout(0, forever)]) {
      const error = await thrownBy(limited);
      expect(error).toBeInstanceOf(TimeoutError);
      const { message, cause } = error as TimeoutError;
      expect([message, cause]).toEqual(["", new CancelledError()]);
    }
    expect(currentTask()!.cancelling()).toBe(0);
  }));
