import { type EventLoop, type TimerHandle, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { collectGarbage } from "../../test/collect-garbage.ts";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

/** A timer whose callback and argument hold what is to be collected. */
function timerThatHolds(loop: EventLoop): { timer: TimerHandle; held: WeakRef<object>[] } {
  const argument = { of: "the timer" };
  const captured = { of: "the callback" };
  const timer = loop.callLater("1h", (given) => [given, captured], argument);
  return { timer, held: [new WeakRef(argument), new WeakRef(captured)] };
}

test("a timer that is cancelled lets go of its callback and arguments, though the handle is held and stands among the timers", () =>
  program(async ({ loop }) => {
    const { timer, held } = timerThatHolds(loop);
    // A dead timer leaves at once where it is the next one due; behind another one it stays.
    const before = loop.callLater("30m", () => {});
    const gone = (): boolean => held.every((ref) => ref.deref() === undefined);
    await collectGarbage(() => false);
    expect(held.map((ref) => ref.deref())).toEqual([{ of: "the timer" }, { of: "the callback" }]);
    timer.cancel();
    await sleep(0);
    await collectGarbage(gone);
    expect([gone(), timer.cancelled()]).toEqual([true, true]);
    before.cancel();
    await sleep(0);
  }));

test("a handle that has run may be cancelled, and says so from then on", () =>
  program(async ({ loop, log }) => {
    const handle = loop.callSoon(() => log.push("ran"));
    await giveWay(1);
    expect([log, handle.cancelled()]).toEqual([["ran"], false]);
    handle.cancel();
    expect(handle.cancelled()).toBe(true);
    await giveWay(2);
    expect(log).toEqual(["ran"]);
  }));
