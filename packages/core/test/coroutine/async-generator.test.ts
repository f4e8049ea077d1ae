import {
  AsyncGenerator,
  Future,
  asyncGenerator,
  coroutine,
  createTask,
  getRunningLoop,
  give,
  isCoroutineFunction,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";

const on = (main: () => Generator<any, any, any>): Promise<unknown> => run(coroutine(main));

const collect = coroutine(function* (items: AsyncGenerator<any>): Generator<any, unknown[], any> {
  const all: unknown[] = [];
  for (;;) {
    const { done, value } = yield* items.next();
    if (done) return value === undefined ? all : [...all, `returned ${String(value)}`];
    all.push(value);
  }
});

describe("asyncGenerator()", () => {
  test("makes an async generator function: yield* awaits, yield* give() hands out", () =>
    on(function* () {
      const countdown = asyncGenerator(function* countdown(from: number) {
        for (let n = from; n > 0; n--) {
          yield* sleep(0);
          yield* give(n);
        }
        return "end";
      });
      expect([countdown.name, countdown.length, isCoroutineFunction(countdown)]).toEqual(["countdown", 1, false]);
      const items = countdown(3);
      expect(items).toBeInstanceOf(AsyncGenerator);
      expect(yield* collect(items)).toEqual([3, 2, 1, "returned end"]);
    }));

  test("an item may come after an untyped yield that need not wait", () =>
    on(function* () {
      const done = new Future<string>();
      done.setResult("done");
      const plain = coroutine(function* () {
        return "coroutine";
      });
      const giving = asyncGenerator(function* () {
        yield* give(yield "plain");
        yield* give(yield done);
        yield* give(yield plain());
        yield* give(yield sleep(0, "slept"));
        yield* give(yield Promise.resolve("promise"));
        yield "nothing is handed out here";
        return yield "end";
      });
      expect(yield* collect(giving())).toEqual(["plain", "done", "coroutine", "slept", "promise", "returned end"]);
    }));

  test("give() gives what next() sends", () =>
    on(function* () {
      const echoing = asyncGenerator(function* () {
        let sent: unknown = "nothing yet";
        for (;;) sent = yield* give(sent);
      });
      const items = echoing();
      const seen: unknown[] = [];
      for (const value of ["ignored", "a", "b"]) seen.push((yield* items.next(value)).value);
      expect(seen).toEqual(["nothing yet", "a", "b"]);
      yield* items.return();
    }));

  test("one that is begun within an untyped yield of another leaves that as it is", () =>
    on(function* () {
      const inner = asyncGenerator(function* inner() {
        yield* give(1);
        yield* give(2);
      });
      const outer = asyncGenerator(function* outer(): Generator<any, void, any> {
        const items = inner();
        for (let step = yield items.next(); !step.done; step = yield items.next()) yield* give(step.value * 10);
      });
      expect(yield* collect(outer())).toEqual([10, 20]);
    }));

  test("a coroutine is running while what it has yielded is entered, and can be asked for its state", () =>
    on(function* () {
      const states: string[] = [];
      const asking = coroutine(function* asking() {
        states.push(co.state);
        yield* sleep(0);
        states.push(co.state);
        return "answer";
      });
      const waiting = coroutine(function* waiting(): Generator<any, string, any> {
        return yield asking();
      });
      const co = waiting();
      expect(yield* co).toBe("answer");
      expect([states, co.state]).toEqual([["running", "suspended"], "closed"]);
    }));

  test("an item may be anything, also what could be awaited", () =>
    on(function* () {
      const future = new Future<number>();
      const things = [undefined, null, future, Promise.resolve(1), 0];
      const giving = asyncGenerator(function* () {
        for (const thing of things) yield* give(thing);
      });
      const items = giving();
      for (const thing of things) expect((yield* items.next()).value).toBe(thing);
      expect(yield* items.next()).toEqual({ done: true, value: undefined });
    }));

  test("wants a function", () => {
    expect(() => asyncGenerator([] as any)).toThrow(
      "Cannot make an async generator function: expected a generator function, received ",
    );
  });

  test("give() outside of an async generator is an error", async () => {
    const lost = coroutine(function* lost() {
      yield* give(1);
    });
    const message = "Cannot give an item: yield* give() belongs into an asyncGenerator()";
    await expect(run(lost())).rejects.toThrow(message);
    await on(function* () {
      yield* sleep(0);
      let caught: unknown;
      try {
        yield* lost();
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toBe(message);
      const inside = asyncGenerator(function* () {
        yield* lost();
      });
      try {
        yield* inside().next();
      } catch (error) {
        caught = error;
      }
      expect((caught as Error).message).toBe(message);
    });
  });

  test("two consumers take turns when each waits for the other's step", () =>
    on(function* () {
      const giving = asyncGenerator(function* () {
        for (let i = 0; i < 4; i++) yield* give(i);
      });
      const items = giving();
      const taking = coroutine(function* () {
        const taken: unknown[] = [];
        for (let i = 0; i < 2; i++) {
          taken.push((yield* items.next()).value);
          yield* sleep(0);
        }
        return taken;
      });
      const tasks = [createTask(taking()), createTask(taking())];
      expect([yield* tasks[0], yield* tasks[1]]).toEqual([
        [0, 2],
        [1, 3],
      ]);
      yield* items.return();
    }));

  test("native code can await its steps", async () => {
    const giving = asyncGenerator(function* () {
      yield* sleep(1);
      yield* give("item");
    });
    const items: unknown[] = [];
    for await (const item of giving()) items.push(item);
    expect(items).toEqual(["item"]);
  });

  test("items of a native async generator can be taken, through native steps", () =>
    on(function* () {
      const native = async function* (): globalThis.AsyncGenerator<number> {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield 2;
      };
      const items = native();
      const { iterations } = getRunningLoop().statistics();
      const seen: unknown[] = [];
      for (;;) {
        const { done, value } = yield items.next();
        if (done) break;
        seen.push(value);
      }
      expect(seen).toEqual([1, 2]);
      expect(getRunningLoop().statistics().iterations).toBeGreaterThan(iterations);
    }));
});
