import {
  type Coroutine,
  Future,
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { SUSPEND, coro, enter } from "tsyncio/runtime";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

// The transform tells of each frame how a cancellation may leave it: by a throw, by dropping it, by closing it. Whichever
// it is, a program must not see a difference. So each frame here is run twice: as the transform marks it, and with throws alone.
type Cleanup = 0 | 1 | 2;
const THROW = 0;
const DROP = 1;
const CLOSE = 2;

type Log = string[];
type Next = () => unknown;
type Frame = (log: Log, next: Next) => Generator<undefined, unknown, any>;

function* awaiting(x: unknown): Generator<undefined, any, any> {
  const $ = enter(x);
  return $ === SUSPEND ? yield : $;
}

const text = (error: unknown): string => String(error);

/** Each kind of frame around an await, as the transform compiles it. */
const FRAMES: Readonly<Record<string, { readonly cleanup: Cleanup; readonly body: Frame }>> = {
  plain: {
    cleanup: DROP,
    *body(log, next) {
      const $ = enter(next());
      const value = $ === SUSPEND ? yield : $;
      log.push(`plain got ${value}`);
      return value;
    },
  },
  closing: {
    cleanup: CLOSE,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } finally {
        log.push("closing");
      }
    },
  },
  "closing slowly": {
    cleanup: CLOSE,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } finally {
        log.push("closing slowly");
        if (enter(sleep(2)) === SUSPEND) yield;
        log.push("slowly closed");
      }
    },
  },
  "failing to close": {
    cleanup: CLOSE,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } finally {
        log.push("failing");
        if (enter(sleep(0)) === SUSPEND) yield;
        // oxlint-disable-next-line no-unsafe-finally -- what is tested
        throw new RangeError("in finally");
      }
    },
  },
  "failing at once": {
    cleanup: CLOSE,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } finally {
        log.push("failing at once");
        // oxlint-disable-next-line no-unsafe-finally -- what is tested
        throw new RangeError("at once in finally");
      }
    },
  },
  returning: {
    cleanup: CLOSE,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } finally {
        log.push("returning");
        // oxlint-disable-next-line no-unsafe-finally -- what is tested
        return "out of finally";
      }
    },
  },
  "going round again": {
    cleanup: CLOSE,
    *body(log, next) {
      for (let again = true; again; again = false) {
        try {
          const $ = enter(next());
          return $ === SUSPEND ? yield : $;
        } finally {
          log.push("going round");
          // oxlint-disable-next-line no-unsafe-finally -- what is tested
          if (again) continue;
        }
      }
      if (enter(sleep(1)) === SUSPEND) yield;
      return "went round";
    },
  },
  "over an iterator": {
    cleanup: CLOSE,
    *body(log, next) {
      const items = {
        *[Symbol.iterator]() {
          try {
            yield 1;
          } finally {
            log.push("iterator closed");
          }
        },
      };
      for (const _ of items) {
        const $ = enter(next());
        const value = $ === SUSPEND ? yield : $;
        log.push(`item got ${value}`);
      }
      return "iterated";
    },
  },
  catching: {
    cleanup: THROW,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } catch (error) {
        log.push(`caught ${text(error)}`);
        throw error;
      }
    },
  },
  swallowing: {
    cleanup: THROW,
    *body(log, next) {
      try {
        const $ = enter(next());
        return $ === SUSPEND ? yield : $;
      } catch (error) {
        log.push(`swallowed ${text(error)}`);
        yield* awaiting(sleep(1));
        return "swallowed";
      }
    },
  },
};

/** Frames around each other, outermost first; innermost is the wait. */
function stack(names: readonly string[], log: Log, marked: boolean, wait: Next): unknown {
  if (names.length === 0) return wait();
  const { cleanup, body } = FRAMES[names[0]];
  const inner = (): unknown => stack(names.slice(1), log, marked, wait);
  return coro(body(log, inner), { name: names[0] }, marked ? cleanup : THROW);
}

interface Way {
  readonly wait: Next;
  /** Cancelled after so many virtual milliseconds each. */
  readonly cancelled: readonly number[];
}

const WAYS: Readonly<Record<string, Way>> = {
  "in a sleep": { wait: () => sleep(10, "slept"), cancelled: [1] },
  "in a future": { wait: () => new Future(), cancelled: [1] },
  "in the first iteration": { wait: () => sleep(0, "slept"), cancelled: [0] },
  "again while it cleans up": { wait: () => sleep(10, "slept"), cancelled: [1, 2] },
  "three times": { wait: () => new Future(), cancelled: [1, 1, 2] },
  "not at all": { wait: () => sleep(1, "slept"), cancelled: [] },
};

/** What happens, told by a coroutine that cancels a task of such frames. */
function* story(names: readonly string[], { wait, cancelled }: Way, marked: boolean): Generator<any, Log, any> {
  const log: Log = [];
  const task = createTask(stack(names, log, marked, wait) as Coroutine<unknown>);
  task.addDoneCallback(() => void log.push(`done in ${getRunningLoop().statistics().iterations}`));
  let i = 0;
  for (const delay of cancelled) {
    yield* sleep(delay);
    log.push(`cancel ${task.cancel(`message ${++i}`)}`);
  }
  try {
    log.push(`gave ${yield* task}`);
  } catch (error) {
    log.push(`threw ${text(error)}`);
  }
  log.push(`${task.cancelled()} ${task.cancelling()} ${task.getCoro()} at ${getRunningLoop().time()}`);
  return log;
}

/** The stories of many, side by side on one loop: so they can be compared iteration for iteration. */
function tell(many: readonly (readonly string[])[], way: Way, marked: readonly boolean[]): Promise<Log[][]> {
  const main = coroutine(function* (): Generator<any, Log[][], any> {
    const telling = many.map((names) =>
      marked.map((mark) => createTask(coro(story(names, way, mark), { name: "story" }, THROW))),
    );
    const told: Log[][] = [];
    for (const tasks of telling) told.push(yield* gather(tasks));
    return told;
  });
  return run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });
}

const kinds = Object.keys(FRAMES);
const twoDeep = kinds.flatMap((a) => [[a], ...kinds.map((b) => [a, b])]);
const threeDeep = twoDeep.filter(({ length }) => length === 2).flatMap((names) => kinds.map((c) => [...names, c]));

describe("a frame that is left by a cancellation as the transform marks it", () => {
  test.each(Object.entries(WAYS))("behaves as if the error were thrown in, cancelled %s", async (_, way) => {
    const all = [...twoDeep, ...threeDeep];
    const told = await tell(all, way, [true, false]);
    all.forEach((names, i) => expect([names, told[i][0]]).toEqual([names, told[i][1]]));
  });

  test("goes through frames of every kind", async () => {
    const names = ["swallowing", "plain", "closing slowly", "catching", "over an iterator", "closing"];
    const [[log]] = await tell([names], WAYS["in a sleep"], [true]);
    expect(log).toEqual([
      "cancel true",
      "closing",
      "iterator closed",
      "caught CancelledError: message 1",
      "closing slowly",
      "slowly closed",
      "swallowed CancelledError: message 1",
      expect.stringMatching(/^done in/),
      "gave swallowed",
      "false 1 null at 4",
    ]);
  });
});
