import {
  Context,
  ContextVar,
  type Coroutine,
  type EventLoop,
  coroutine,
  isCoroutine as isOne,
  newEventLoop,
} from "tsyncio";
import type { ContextEntry } from "../messages.ts";
import type { AnyFunction, EachCall } from "./functions.ts";
import { StreamSender, type Streaming } from "./stream-sender.ts";

// Everything of a worker that needs the runtime. It is loaded when a job needs it, so that a worker starts in a third of the time.

let loop: EventLoop | null = null;

/** The loop of this worker: it runs while the worker lives. */
function runningLoop(): EventLoop {
  if (loop === null) {
    loop = newEventLoop();
    void loop.runForever();
  }
  return loop;
}

/** The context of a job: the variables here that have the names of those there. */
export function contextOf(entries: readonly ContextEntry[]): Context {
  const context = new Context();
  context.run(() => {
    for (const [name, place, value] of entries) {
      const twins = ContextVar.named(name);
      (twins[place] ?? twins[0])?.set(value);
    }
  });
  return context;
}

export const isCoroutine: (value: unknown) => value is Coroutine<unknown> = isOne;

/** Runs a coroutine on the loop. Gives the function that cancels it. */
export function start(
  co: Coroutine<unknown>,
  context: Context | undefined,
  done: (value: unknown) => void,
  failed: (error: unknown) => void,
): (message: unknown) => void {
  const task = runningLoop().createTask(co, context === undefined ? {} : { context });
  task.addDoneCallback(() => {
    let value: unknown;
    try {
      value = task.result();
    } catch (error) {
      return failed(error);
    }
    done(value);
  });
  return (message) => void task.cancel(message);
}

/** The rest of the calls for several items. */
export function eachInTurn({ fn, items, results, awaited }: EachCall): Coroutine<unknown[]> {
  return awaitingEach(fn, items, results, awaited) as Coroutine<unknown[]>;
}

const awaitingEach = coroutine(function* map(
  fn: AnyFunction,
  items: readonly unknown[],
  results: unknown[],
  first: unknown,
): Generator<any, unknown[], any> {
  results.push(yield first);
  while (results.length < items.length) results.push(yield fn(items[results.length]));
  return results;
});

/** Sends the items of an async iterable. */
export function stream(
  source: AsyncIterable<unknown>,
  context: Context | undefined,
  streaming: Streaming,
): StreamSender {
  return new StreamSender(runningLoop(), context, source, streaming);
}
