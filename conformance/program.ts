import { type Awaitable, type EventLoop, type ExceptionContext, type Host, Runner, newEventLoop } from "tsyncio";
import { expect } from "vitest";
import { VirtualHost } from "../test/virtual-host.ts";

/** What a program of these tests has at hand. */
export interface Given {
  readonly loop: EventLoop;
  /** What the loop's exception handler heard. A test that expects something takes it out: see `takeHeard`. */
  readonly heard: ExceptionContext[];
  /** What happened, in order: for the test to fill and to compare. */
  readonly log: unknown[];
}

/** Options of `program`. */
export interface ProgramOptions {
  /** The loop's host. Default: one whose clock jumps to the next timer, so that nothing waits for real; "platform": the real one. */
  readonly host?: Host | "platform";
  readonly debug?: boolean;
  /** Runs when the loop is closed, before it is looked at what was heard: for errors that are reported only then. */
  readonly afterwards?: (given: Given) => void;
}

/**
 * Runs a test's program on a loop of its own, and gives what it gives. When it has ended nothing may be left: no
 * callback, no timer, no task, and nothing that the exception handler heard and the test did not expect.
 */
export async function program<T>(main: (given: Given) => Awaitable<T>, options: ProgramOptions = {}): Promise<T> {
  const { host = new VirtualHost() } = options;
  const loop = newEventLoop(host === "platform" ? undefined : { host });
  const given: Given = { loop, heard: [], log: [] };
  loop.setExceptionHandler((_, context) => void given.heard.push(context));
  const runner = new Runner({ loopFactory: () => loop, handleSignals: false, debug: options.debug ?? false });
  let left: unknown;
  let result: T;
  try {
    result = await runner.run(() => main(given));
    const { ready, timers, tasks } = loop.statistics();
    left = { ready, timers, tasks };
  } finally {
    await runner.close();
  }
  options.afterwards?.(given);
  expect(left, "left behind when the program had ended").toEqual({ ready: 0, timers: 0, tasks: 0 });
  expect(given.heard.map(shown), "heard by the exception handler and not expected").toEqual([]);
  return result;
}

/** Takes out what the exception handler heard so far, each as `message: error`. */
export function takeHeard({ heard }: Given): string[] {
  return heard.splice(0).map(shown);
}

function shown({ message, exception }: ExceptionContext): string {
  return exception === undefined ? message : `${message}: ${String(exception)}`;
}

/** What `aw` throws; fails when it throws nothing. */
export async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await aw;
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, received ${String(value)}`);
}
