import { RuntimeError, getRunningLoop, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { byHand } from "./loop-by-hand.ts";

const noneRuns = new RuntimeError(
  "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
);

test("test_events.py::GetEventLoopTestsMixin.test_get_event_loop_returns_running_loop: getRunningLoop() gives, in coroutines and in callbacks, the loop that runs them", () =>
  byHand(async ({ loop, log }) => {
    const asking = async () => {
      log.push(getRunningLoop() === loop);
      await sleep(1);
      log.push(getRunningLoop() === loop);
    };
    loop.callSoon(() => log.push(getRunningLoop() === loop));
    loop.callLater(0.5, () => log.push(getRunningLoop() === loop));
    await loop.runUntilComplete(asking());
    expect(log).toEqual([true, true, true, true]);
    expect(getRunningLoop()).not.toBe(loop);
  }));

test("test_events.py::GetEventLoopTestsMixin.test_get_event_loop_returns_running_loop2: outside of a running loop getRunningLoop() throws, before and after a run, and though there is a loop", async () => {
  "native async";
  const loop = newEventLoop();
  expect(getRunningLoop).toThrow(noneRuns);
  const inside: unknown[] = [];
  loop.callSoon(() => inside.push(getRunningLoop()));
  loop.callSoon(() => loop.stop());
  const running = loop.runForever();
  expect(getRunningLoop).toThrow(noneRuns);
  await running;
  expect(inside).toEqual([loop]);
  expect(getRunningLoop).toThrow(noneRuns);
  loop.close();
  expect(getRunningLoop).toThrow(noneRuns);
});
