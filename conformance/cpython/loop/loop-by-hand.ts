import { type Awaitable, type EventLoop, type Host, coroutine, newEventLoop } from "tsyncio";
import { expect } from "vitest";
import { type Given, program } from "../../program.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";

/**
 * As `program`, with a second loop, which the test runs by hand: `loop` is that one, and does not run yet. Nothing may
 * be left on it either, unless it was closed.
 */
export function byHand(
  main: (given: Given) => Awaitable<void>,
  makeLoop: (options: { readonly host: Host }) => EventLoop = newEventLoop,
): Promise<void> {
  const running = coroutine(function* (given: Given): Generator<any, void, any> {
    const loop = makeLoop({ host: new VirtualHost() });
    loop.setExceptionHandler((_, context) => void given.heard.push(context));
    try {
      yield main({ ...given, loop });
      const { ready, timers, tasks } = loop.statistics();
      if (!loop.isClosed()) expect({ ready, timers, tasks }).toEqual({ ready: 0, timers: 0, tasks: 0 });
    } finally {
      loop.close();
    }
  });
  return program(running);
}

/** Runs exactly one iteration. */
export function runOnce(loop: EventLoop): Promise<void> {
  loop.stop();
  return loop.runForever();
}
