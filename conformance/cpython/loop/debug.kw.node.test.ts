import { newEventLoop } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { byHand } from "./loop-by-hand.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("test_base_events.py::BaseEventLoopTests.test_set_debug: debug mode is switched on and off while the loop lives", () =>
  byHand(async ({ loop }) => {
    for (const on of [true, true, false, false, true, false]) {
      loop.setDebug(on);
      expect(loop.getDebug()).toBe(on);
    }
  }));

test("test_base_events.py::BaseEventLoopTests.test_env_var_debug: TSYNCIO_DEBUG switches debug mode on for loops that are made from then on, unless it is empty or 0", () => {
  const debugWhen = (value: string | undefined) => {
    vi.stubEnv("TSYNCIO_DEBUG", value);
    const loop = newEventLoop();
    const debug = loop.getDebug();
    loop.close();
    return debug;
  };
  expect([undefined, "", "0", "1", "true"].map(debugWhen)).toEqual([false, false, false, true, true]);
});

test("test_base_events.py::BaseEventLoopWithSelectorTests.test_log_slow_callbacks: in debug mode a callback or a step of a task that takes slowCallbackDuration or more is named, with its time", () => {
  const host = new VirtualHost();
  return byHand(
    async ({ loop }) => {
      const warned = vi.spyOn(console, "warn").mockImplementation(() => {}).mock.calls;
      const busy = (ms: number) => {
        host.time += ms;
        loop.stop();
      };
      const busyTask = async () => busy(20);
      loop.slowCallbackDuration = 20;
      loop.setDebug(true);
      loop.callSoon(busy, 19);
      await loop.runForever();
      expect(warned).toEqual([]);
      loop.callSoon(busy, 20);
      await loop.runForever();
      const task = loop.createTask(busyTask(), { name: "T" });
      await loop.runForever();
      loop.setDebug(false);
      loop.callSoon(busy, 20);
      await loop.runForever();
      expect(warned).toEqual([
        ["tsyncio: executing busy() took 20 ms; it blocks everything else meanwhile"],
        [`tsyncio: executing ${String(task)} took 20 ms; it blocks everything else meanwhile`],
      ]);
      expect(String(task)).toContain("name='T'");
    },
    () => newEventLoop({ host }),
  );
});
