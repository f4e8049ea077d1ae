import {
  type AsyncGenerator,
  type ExceptionContext,
  asyncGenerator,
  coroutine,
  getRunningLoop,
  give,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { collectGarbage } from "../../../../test/collect-garbage.ts";

const counting = asyncGenerator(function* counting(log: string[], name: string): Generator<any, void, any> {
  try {
    for (let i = 0; ; i++) yield* give(i);
  } finally {
    yield* sleep(1);
    log.push(`${name} closed`);
  }
});

/** In a function of its own, so that nothing holds what it makes. */
const beginAndForget = coroutine(function* (make: () => AsyncGenerator<unknown>) {
  yield* make().next();
});

test("an async generator that nobody holds is closed by its loop", () =>
  run(
    coroutine(function* () {
      const log: string[] = [];
      yield* beginAndForget(() => counting(log, "forgotten"));
      const held = counting(log, "held");
      yield* held.next();
      yield collectGarbage(() => log.length > 0);
      expect(log).toEqual(["forgotten closed"]);
      expect((yield* held.next()).value).toBe(1);
      yield* held.return();
      expect(log).toEqual(["forgotten closed", "held closed"]);
    }),
  ));

test("one that was never iterated, or came to its end, has nothing to be closed", () =>
  run(
    coroutine(function* () {
      const log: string[] = [];
      const short = asyncGenerator(function* () {
        yield* give("only");
        log.push("ended");
      });
      const toTheEnd = coroutine(function* () {
        const items = short();
        yield* items.next();
        yield* items.next();
      });
      yield* toTheEnd();
      (() => void counting(log, "never begun"))();
      const { tasks } = getRunningLoop().statistics();
      yield collectGarbage(() => false);
      expect(log).toEqual(["ended"]);
      expect(getRunningLoop().statistics().tasks).toBe(tasks);
    }),
  ));

test("one whose loop is closed is left alone", async () => {
  const log: string[] = [];
  const loop = newEventLoop();
  await loop.runUntilComplete(beginAndForget(() => counting(log, "late")));
  loop.close();
  await collectGarbage(() => false);
  expect(log).toEqual([]);
});

test("an error of closing it is reported as one of a task that nobody reads", async () => {
  const heard: ExceptionContext[] = [];
  await run(
    coroutine(function* () {
      getRunningLoop().setExceptionHandler((_, context) => void heard.push(context));
      const failing = asyncGenerator(function* failing() {
        try {
          yield* give(1);
        } finally {
          throwing("in finally");
        }
      });
      yield* beginAndForget(() => failing());
      yield collectGarbage(() => heard.length > 0);
    }),
  );
  expect(heard.map(({ exception }) => (exception as Error).message)).toEqual(["in finally"]);
});

function throwing(message: string): never {
  throw new Error(message);
}
