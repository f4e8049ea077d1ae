import { newEventLoop, sleep } from "tsyncio";
import { describe, expect, test, vi } from "vitest";
import { browserHost } from "../../src/loop/browser-host.ts";
import { platformHost } from "../../src/loop/host.ts";

describe.each([
  ["of the platform", platformHost()],
  ["of browsers", browserHost()],
])("the host %s", (_, host) => {
  test("gives turns in the order in which they were asked for, never at once", async () => {
    const log: number[] = [];
    await new Promise<void>((resolve) => {
      for (let i = 0; i < 5; i++) host.schedule(() => void log.push(i));
      host.schedule(resolve);
      log.push(-1);
    });
    expect(log).toEqual([-1, 0, 1, 2, 3, 4]);
  });

  test("lets promises settle between two turns", async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      host.schedule(() => {
        log.push("turn");
        queueMicrotask(() => log.push("microtask"));
      });
      host.schedule(() => (log.push("turn"), resolve()));
    });
    expect(log).toEqual(["turn", "microtask", "turn"]);
  });

  test("has a clock that does not go back, and timers that keep to it", async () => {
    const start = host.now();
    await new Promise<void>((resolve) => void host.setTimer(start + 5, resolve));
    expect(host.now()).toBeGreaterThanOrEqual(start + 4);
  });

  test("a timer that is taken back does not ring", async () => {
    const rung = vi.fn<() => void>();
    host.setTimer(host.now() + 1, rung).cancel();
    await new Promise<void>((resolve) => void host.setTimer(host.now() + 5, resolve));
    expect(rung).not.toHaveBeenCalled();
  });

  test("takes a deadline that is further away than a timer of JavaScript can be", async () => {
    const rung = vi.fn<() => void>();
    const timers = [1e10, Number.MAX_VALUE].map((at) => host.setTimer(at, rung));
    await new Promise<void>((resolve) => void host.setTimer(host.now() + 5, resolve));
    for (const timer of timers) timer.cancel();
    expect(rung).not.toHaveBeenCalled();
  });

  test("carries a loop", async () => {
    const loop = newEventLoop({ host });
    expect(await loop.runUntilComplete(sleep(2, "done"))).toBe("done");
    loop.close();
  });
});
