import { type Host, RuntimeError, newEventLoop, run } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf, program } from "../../program.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";

/** A host with these methods alone. */
function hostWith(...names: (keyof Host)[]): Host {
  const whole = new VirtualHost();
  return Object.fromEntries(
    names.map((name) => [name, (whole[name as keyof VirtualHost] as () => void).bind(whole)]),
  ) as never;
}

test("test_base_events.py::BaseEventLoopTests.test_not_implemented: a loop is not made on a host that lacks what a loop needs of its platform, and the error says what", () => {
  const needed = ["now", "schedule", "setTimer", "hold"] as const;
  for (const missing of needed) {
    const host = hostWith(...needed.filter((name) => name !== missing));
    expect(() => newEventLoop({ host })).toThrow(
      new TypeError(`Cannot create EventLoop: its host has no ${missing}()`),
    );
  }
  newEventLoop({ host: hostWith(...needed) }).close();
});

test("test_events.py::AbstractEventLoopTests.test_not_implemented: a host needs only four methods; without the others a program runs, and nobody interrupts it", async () => {
  "native async";
  const host = hostWith("now", "schedule", "setTimer", "hold");
  expect([host.onInterrupt, host.exit, host.onExit]).toEqual([undefined, undefined, undefined]);
  expect(await run(Promise.resolve("ran"), { loopFactory: () => newEventLoop({ host }) })).toBe("ran");
});

test("test_events.py::AbstractEventLoopTests.test_not_implemented_async: without an executor the loop runs nothing elsewhere: the error comes at the call, and says what is missing", () =>
  program(async ({ loop, log }) => {
    const error = new RuntimeError(
      "Cannot run in the default executor: there is none; call loop.setDefaultExecutor() or import @tsyncio/node",
    );
    expect(() => loop.runInExecutor(null, () => log.push("ran"))).toThrow(error);
    const awaiting = async () => await loop.runInExecutor(null, () => log.push("ran"));
    expect(await errorOf(awaiting())).toEqual(error);
    expect(log).toEqual([]);
  }));
