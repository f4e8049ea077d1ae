import {
  AsyncGenerator as Generator,
  CancelledError,
  type ExceptionContext,
  Future,
  RuntimeError,
  createTask,
  getRunningLoop,
  isCoroutine,
  run,
  sleep,
} from "tsyncio";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());

async function* counting(log: string[], to = 3): AsyncGenerator<number, string, unknown> {
  try {
    for (let i = 0; i < to; i++) {
      await sleep(0);
      log.push(`in ${String(yield i)}`);
    }
    return "end";
  } finally {
    await sleep(0);
    log.push("finally");
  }
}

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("next()", () => {
  test("gives the items in turn, then what is returned, then undefined", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log, 2);
      expect(await items.next("ignored")).toEqual({ value: 0, done: false });
      expect(await items.next("a")).toEqual({ value: 1, done: false });
      expect(await items.next("b")).toEqual({ value: "end", done: true });
      expect(await items.next("c")).toEqual({ value: undefined, done: true });
      expect(log).toEqual(["in a", "in b", "finally"]);
    }));

  test("is a coroutine: nothing runs before it is awaited", () =>
    run(async () => {
      const log: string[] = [];
      async function* noting(): AsyncGenerator<number> {
        log.push("begun");
        yield 1;
      }
      const items = noting();
      expect(items).toBeInstanceOf(Generator);
      const next: unknown = items.next();
      expect([isCoroutine(next), log]).toEqual([true, []]);
      expect(await next).toEqual({ value: 1, done: false });
      expect(log).toEqual(["begun"]);
    }));

  test("costs no iteration when nothing waits", () =>
    run(async () => {
      async function* plain(): AsyncGenerator<number> {
        yield 1;
        yield 2;
      }
      const { iterations } = getRunningLoop().statistics();
      const items: number[] = [];
      for await (const item of plain()) items.push(item);
      expect([items, getRunningLoop().statistics().iterations]).toEqual([[1, 2], iterations]);
    }));

  test("while another one is under way is refused, and that one goes on", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log);
      const first = createTask(items.next());
      await sleep(0);
      for (const [second, name] of [
        [items.next(), "next()"],
        [items.return(""), "return()"],
        [items.throw(new Error("no")), "throw()"],
      ] as const) {
        const error = await errorOf(second);
        expect(error).toBeInstanceOf(RuntimeError);
        expect(error.message).toBe(
          `Cannot call ${name} of async generator "counting": it is already running; await the step before`,
        );
      }
      expect(await first).toEqual({ value: 0, done: false });
      expect(await items.next()).toEqual({ value: 1, done: false });
      await items.return("");
    }));

  test("of itself from inside is refused", () =>
    run(async () => {
      const own: { items?: AsyncGenerator<string> } = {};
      async function* recursive(): AsyncGenerator<string> {
        yield (await errorOf(own.items!.next())).message;
      }
      own.items = recursive();
      expect((await own.items.next()).value).toContain("it is already running");
    }));

  test("awaits what is yielded and what is returned", () =>
    run(async () => {
      async function* waiting(): AsyncGenerator<string, string> {
        yield sleep(0, "item") as never;
        return sleep(0, "end") as never;
      }
      const items = waiting();
      expect([await items.next(), await items.next()]).toEqual([
        { value: "item", done: false },
        { value: "end", done: true },
      ]);
    }));

  test("throws what the generator throws, once, and it is over then", () =>
    run(async () => {
      async function* failing(): AsyncGenerator<number> {
        yield 1;
        await sleep(0);
        throw new RangeError("boom");
      }
      const items = failing();
      await items.next();
      expect((await errorOf(items.next())).message).toBe("boom");
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));
});

describe("throw()", () => {
  test("throws in at the yield, and gives the next item when that is caught", () =>
    run(async () => {
      async function* catching(): AsyncGenerator<string> {
        let item = "first";
        for (;;) {
          try {
            yield item;
          } catch (error) {
            await sleep(0);
            item = `caught ${(error as Error).message}`;
          }
        }
      }
      const items = catching();
      await items.next();
      expect(await items.throw(new Error("in"))).toEqual({ value: "caught in", done: false });
      await items.return(undefined);
    }));

  test("before the begin, and after the end, throws the error and runs nothing", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log);
      expect((await errorOf(items.throw(new Error("early")))).message).toBe("early");
      expect(await items.next()).toEqual({ value: undefined, done: true });
      expect((await errorOf(items.throw(new Error("late")))).message).toBe("late");
      expect(log).toEqual([]);
    }));

  test("that is not caught ends the generator, its finally blocks included", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log);
      await items.next();
      const error = new Error("in");
      expect(await errorOf(items.throw(error))).toBe(error);
      expect(log).toEqual(["finally"]);
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));
});

describe("return()", () => {
  test("runs the finally blocks, which may wait, and gives its value", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log);
      await items.next();
      expect(await items.return("closed")).toEqual({ value: "closed", done: true });
      expect(log).toEqual(["finally"]);
      expect(await items.return("again")).toEqual({ value: "again", done: true });
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));

  test("before the begin ends it without running it", () =>
    run(async () => {
      const log: string[] = [];
      const items = counting(log);
      expect(await items.return("closed")).toEqual({ value: "closed", done: true });
      expect(await items.next()).toEqual({ value: undefined, done: true });
      expect(log).toEqual([]);
    }));

  test("awaits its value", () =>
    run(async () => {
      const items = counting([]);
      expect(await items.return(sleep(0, "value") as never)).toEqual({ value: "value", done: true });
    }));

  test("gives an item of a finally block; disposing of such a generator is an error", () =>
    run(async () => {
      async function* clinging(): AsyncGenerator<string> {
        try {
          yield "item";
        } finally {
          yield "one more";
        }
      }
      const items = clinging();
      await items.next();
      expect(await items.return(undefined)).toEqual({ value: "one more", done: false });
      expect(await items.next()).toEqual({ value: undefined, done: true });
      const disposed = clinging();
      await disposed.next();
      expect((await errorOf(disposed[Symbol.asyncDispose]())).message).toBe(
        'Cannot close async generator "clinging": it gave another item in a finally block',
      );
    }));

  test("throws an error of a finally block", () =>
    run(async () => {
      async function* failing(): AsyncGenerator<number> {
        try {
          yield 1;
        } finally {
          await sleep(0);
          fail("in finally");
        }
      }
      const items = failing();
      await items.next();
      expect((await errorOf(items.return(undefined))).message).toBe("in finally");
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));
});

function fail(message: string): never {
  throw new Error(message);
}

describe("a cancellation", () => {
  const phases: Record<string, () => AsyncGenerator<string>> = {
    "before an item": async function* () {
      await sleep(1000);
      yield "never";
    },
    "between two items": async function* () {
      yield "first";
      await sleep(1000);
      yield "never";
    },
    "in the body of the loop": async function* () {
      yield "wait here";
      yield "never";
    },
  };
  test.each(Object.keys(phases))("%s goes through the generator, whose finally blocks run first", (phase) =>
    run(async () => {
      const log: string[] = [];
      async function* guarded(): AsyncGenerator<string> {
        try {
          yield* phases[phase]();
        } catch (error) {
          log.push(`generator ${(error as Error).name} ${(error as Error).message}`);
          throw error;
        } finally {
          await sleep(0);
          log.push("generator closed");
        }
      }
      const looping = async (): Promise<void> => {
        try {
          for await (const item of guarded()) {
            log.push(item);
            if (item === "wait here") await sleep(1000);
          }
        } finally {
          log.push("loop left");
        }
      };
      const task = createTask(looping());
      for (let i = 0; i < 3; i++) await sleep(0);
      task.cancel("enough");
      const error = await errorOf(task);
      expect([error.name, error.message, task.cancelled()]).toEqual(["CancelledError", "enough", true]);
      expect(log).toEqual(
        {
          "before an item": ["generator CancelledError enough", "generator closed", "loop left"],
          "between two items": ["first", "generator CancelledError enough", "generator closed", "loop left"],
          "in the body of the loop": ["wait here", "generator closed", "loop left"],
        }[phase],
      );
    }),
  );

  test("that the generator catches makes it go on", () =>
    run(async () => {
      async function* stubborn(): AsyncGenerator<string> {
        try {
          await sleep(1000);
        } catch (error) {
          yield (error as Error).name;
        }
        yield "last";
      }
      const items: string[] = [];
      const task = createTask(
        (async () => {
          for await (const item of stubborn()) items.push(item);
        })(),
      );
      await sleep(0);
      task.cancel();
      await task;
      expect(items).toEqual(["CancelledError", "last"]);
    }));

  test("of a next() by hand ends the generator", () =>
    run(async () => {
      const log: string[] = [];
      async function* waiting(): AsyncGenerator<number> {
        try {
          await sleep(1000);
          yield 1;
        } finally {
          log.push("closed");
        }
      }
      const items = waiting();
      const next = createTask(items.next());
      await sleep(0);
      next.cancel();
      expect(await errorOf(next)).toBeInstanceOf(CancelledError);
      expect(log).toEqual(["closed"]);
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));

  test("in a finally block of the generator interrupts that", () =>
    run(async () => {
      const log: string[] = [];
      async function* slow(): AsyncGenerator<number> {
        try {
          yield 1;
        } finally {
          try {
            await sleep(1000);
            log.push("never");
          } finally {
            log.push("given up");
          }
        }
      }
      const task = createTask(
        (async () => {
          for await (const _ of slow()) break;
          log.push("nor this");
        })(),
      );
      await sleep(0);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(log).toEqual(["given up"]);
    }));
});

describe("left half-way", () => {
  test("by break, return or an error, the loop closes it before it goes on", () =>
    run(async () => {
      const log: string[] = [];
      for await (const _ of counting(log)) break;
      log.push("after break");
      const returning = async (): Promise<string> => {
        for await (const item of counting(log)) return `item ${item}`;
        return "never";
      };
      log.push(await returning());
      const failing = async (): Promise<void> => {
        for await (const _ of counting(log)) fail("body");
      };
      log.push((await errorOf(failing())).message);
      expect(log).toEqual(["finally", "after break", "finally", "item 0", "finally", "body"]);
    }));

  test("by hand, run() closes it at its end, and its errors are reported", async () => {
    const log: string[] = [];
    const heard: ExceptionContext[] = [];
    await run(async () => {
      getRunningLoop().setExceptionHandler((_, context) => void heard.push(context));
      async function* failing(): AsyncGenerator<number> {
        try {
          yield 1;
        } finally {
          fail("of the generator");
        }
      }
      for (const items of [counting(log), failing(), counting(log)]) await items.next();
      const ended = counting(log, 0);
      await ended.next();
      log.push("main is done");
    });
    expect(log).toEqual(["finally", "main is done", "finally", "finally"]);
    expect(heard.map(({ message, exception }) => [message, (exception as Error).message])).toEqual([
      ["an error occurred during closing of asynchronous generator <AsyncGenerator failing>", "of the generator"],
    ]);
    expect(String(heard[0].asyncgen)).toBe("<AsyncGenerator failing>");
  });

  test("one that was never iterated need not be closed, and is not reported", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await run(async () => {
      void counting([]);
      await sleep(0);
    });
    expect(warn).not.toHaveBeenCalled();
  });

  test("one that begins after shutdownAsyncgens() brings a warning", () =>
    run(async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const log: string[] = [];
      const early = counting(log);
      await early.next();
      await getRunningLoop().shutdownAsyncgens();
      expect([log, warn.mock.calls.length]).toEqual([["finally"], 0]);
      const late = counting(log);
      expect(await late.next()).toEqual({ value: 0, done: false });
      expect(warn.mock.calls).toEqual([
        ["tsyncio: asynchronous generator <AsyncGenerator counting> was scheduled after loop.shutdownAsyncgens() call"],
      ]);
      await late.return("");
    }));
});

describe("yield*", () => {
  test("gives the items of another, and its value is what that one returns", () =>
    run(async () => {
      const log: string[] = [];
      async function* outer(): AsyncGenerator<number | string> {
        yield "first";
        const end = yield* counting(log, 2);
        yield `it gave ${end}`;
      }
      const items: unknown[] = [];
      for await (const item of outer()) items.push(item);
      expect(items).toEqual(["first", 0, 1, "it gave end"]);
    }));

  test("passes on what is sent, thrown and closed", () =>
    run(async () => {
      const log: string[] = [];
      async function* inner(): AsyncGenerator<string> {
        try {
          for (;;) {
            try {
              log.push(`got ${String(yield "item")}`);
            } catch (error) {
              log.push(`caught ${(error as Error).message}`);
            }
          }
        } finally {
          await sleep(0);
          log.push("inner closed");
        }
      }
      async function* outer(): AsyncGenerator<string> {
        try {
          yield* inner();
        } finally {
          log.push("outer closed");
        }
      }
      const items = outer();
      await items.next();
      await items.next("sent");
      expect(await items.throw(new Error("in"))).toEqual({ value: "item", done: false });
      expect(await items.return("value")).toEqual({ value: "value", done: true });
      expect(log).toEqual(["got sent", "caught in", "inner closed", "outer closed"]);
    }));

  test("closed half-way closes the inner one, and the outer one does not go on behind it", () =>
    run(async () => {
      const log: string[] = [];
      const foreign = {
        next: async () => ({ done: false, value: "foreign" }),
        return: async (value?: unknown) => {
          await sleep(0);
          log.push("foreign closed");
          return { done: true, value };
        },
        [Symbol.asyncIterator]: () => foreign,
      };
      for (const inner of [() => counting(log), () => foreign]) {
        async function* outer(): AsyncGenerator<unknown> {
          try {
            yield* inner();
            log.push("never");
          } catch {
            log.push("nor this");
          } finally {
            log.push("outer closed");
          }
          log.push("nor that");
        }
        async function* outermost(): AsyncGenerator<unknown> {
          yield* outer();
          log.push("nor that either");
        }
        for (const make of [outer, outermost]) {
          for await (const _ of make()) break;
          const items = make();
          await items.next();
          expect(await items.return("value")).toEqual({ value: "value", done: true });
          expect(await items.next()).toEqual({ value: undefined, done: true });
          expect(log.splice(0)).toEqual(
            Array.from({ length: 2 }, () => [
              inner().next === foreign.next ? "foreign closed" : "finally",
              "outer closed",
            ]).flat(),
          );
        }
      }
    }));

  test("an item that the inner one gives while it is closed is given, and it goes on", () =>
    run(async () => {
      async function* clinging(): AsyncGenerator<string> {
        try {
          yield "item";
        } finally {
          await sleep(0);
          yield "one more";
        }
      }
      async function* outer(): AsyncGenerator<string> {
        yield* clinging();
        yield "never";
      }
      const items = outer();
      await items.next();
      expect(await items.return("value")).toEqual({ value: "one more", done: false });
      expect(await items.return("again")).toEqual({ value: "again", done: true });
    }));

  test("an error of closing the inner one is thrown into the outer one", () =>
    run(async () => {
      async function* failing(): AsyncGenerator<string> {
        try {
          yield "item";
        } finally {
          await sleep(0);
          fail("closing");
        }
      }
      async function* outer(): AsyncGenerator<string> {
        try {
          yield* failing();
        } catch (error) {
          yield (error as Error).message;
        }
      }
      const items = outer();
      await items.next();
      expect(await items.return("value")).toEqual({ value: "closing", done: false });
      expect(await items.next()).toEqual({ value: undefined, done: true });
    }));

  test("takes synchronous iterables and foreign iterators as well", () =>
    run(async () => {
      const foreign = {
        i: 0,
        next: async () => ({ done: foreign.i >= 2, value: `f${foreign.i++}` }),
        [Symbol.asyncIterator]: () => foreign,
      };
      async function* outer(): AsyncGenerator<unknown> {
        yield* [1, Promise.resolve(2), sleep(0, 3)] as unknown as AsyncIterable<unknown>;
        yield* foreign;
      }
      const items: unknown[] = [];
      for await (const item of outer()) items.push(item);
      expect(items).toEqual([1, 2, 3, "f0", "f1"]);
    }));

  test("an error of the inner one reaches the outer one", () =>
    run(async () => {
      async function* inner(): AsyncGenerator<number> {
        yield 1;
        fail("inner");
      }
      async function* outer(): AsyncGenerator<unknown> {
        try {
          yield* inner();
        } catch (error) {
          yield (error as Error).message;
        }
      }
      const items: unknown[] = [];
      for await (const item of outer()) items.push(item);
      expect(items).toEqual([1, "inner"]);
    }));
});

test("a class may have async generator methods", () =>
  run(async () => {
    class Source {
      readonly items = ["a", "b"];
      async *[Symbol.asyncIterator](): AsyncGenerator<string> {
        for (const item of this.items) {
          await sleep(0);
          yield item;
        }
      }
      static async *of(...items: number[]): AsyncGenerator<number> {
        yield* items;
      }
    }
    const items: unknown[] = [];
    for await (const item of new Source()) items.push(item);
    for await (const item of Source.of(1, 2)) items.push(item);
    expect(items).toEqual(["a", "b", 1, 2]);
  }));

test("a future that is awaited between items wakes it once", () =>
  run(async () => {
    const futures = [new Future<number>(), new Future<number>()];
    async function* waiting(): AsyncGenerator<number> {
      for (const future of futures) yield await future;
    }
    getRunningLoop().callSoon(() => futures[0].setResult(1));
    getRunningLoop().callLater(1, () => futures[1].setResult(2));
    const items: number[] = [];
    for await (const item of waiting()) items.push(item);
    expect(items).toEqual([1, 2]);
  }));
