import {
  CancelledError,
  ContextVar,
  Future,
  InvalidStateError,
  RuntimeError,
  coroutine,
  createTask,
  getRunningLoop,
  isFuture,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

const on = (main: () => Generator<any, void, any>): Promise<void> => run(coroutine(main));

const awaiting = coroutine(function* <T>(aw: Future<T>): Generator<any, T, any> {
  return yield* aw;
});

describe("Future", () => {
  test("needs a loop: the running one, or one that is given", () =>
    on(function* () {
      const loop = newEventLoop();
      expect(new Future().getLoop()).toBe(getRunningLoop());
      expect(new Future({ loop }).getLoop()).toBe(loop);
      expect(loop.createFuture().getLoop()).toBe(loop);
    }).then(() => expect(() => new Future()).toThrow(RuntimeError)));

  test("is pending, then has a result, for good", () => {
    const future = newEventLoop().createFuture<number>();
    expectTypeOf(future.result).returns.toEqualTypeOf<number>();
    expect([future.done(), future.cancelled(), String(future)]).toEqual([false, false, "<Future pending>"]);
    future.setResult(1);
    expect([future.done(), future.cancelled(), future.result(), future.exception()]).toEqual([true, false, 1, null]);
    expect(String(future)).toBe("<Future finished result=1>");
    expect(Object.prototype.toString.call(future)).toBe("[object Future]");
    for (const act of [() => future.setResult(2), () => future.setException(new Error("late"))])
      expect(act).toThrow(InvalidStateError);
    expect(() => future.setResult(2)).toThrow("Cannot set result: <Future finished result=1> is done already");
    expect([future.cancel(), future.result()]).toEqual([false, 1]);
  });

  test("pending, it has neither result nor exception", () => {
    const future = newEventLoop().createFuture();
    expect(() => future.result()).toThrow(new InvalidStateError("Cannot get the result: it is not set"));
    expect(() => future.exception()).toThrow(new InvalidStateError("Cannot get the exception: it is not set"));
  });

  test("may have an error, always the same object", () => {
    const boom = new Error("boom");
    const future = newEventLoop().createFuture();
    future.setException(boom);
    expect([future.done(), future.cancelled(), future.exception()]).toEqual([true, false, boom]);
    for (let i = 0; i < 2; i++) expect(() => future.result()).toThrow(boom);
    expect(String(future)).toBe("<Future finished exception=Error: boom>");
  });

  test("makes an error of an error class", () => {
    const future = newEventLoop().createFuture();
    future.setException(RangeError);
    expect(future.exception()).toBeInstanceOf(RangeError);
  });

  test.each([["text"], [null], [undefined], [5]])("refuses %s as an error, and stays pending", (error) => {
    const future = newEventLoop().createFuture();
    expect(() => future.setException(error)).toThrow(
      new TypeError(`Cannot set exception: expected an Error, received ${String(error)}`),
    );
    expect(future.done()).toBe(false);
  });

  test("a subclass may have it fail with whatever was thrown elsewhere, once", () => {
    class Relay extends Future<never> {
      hear(thrown: unknown): void {
        this.failWith(thrown);
      }
    }
    for (const thrown of ["text", null, undefined, new Error("boom")]) {
      const relay = new Relay({ loop: newEventLoop() });
      relay.hear(thrown);
      expect([relay.done(), relay.cancelled(), relay.exception()]).toEqual([true, false, thrown]);
      expect(() => relay.hear("again")).toThrow(InvalidStateError);
    }
  });

  test("with a CancelledError as its error it is not cancelled", () => {
    const future = newEventLoop().createFuture();
    future.setException(new CancelledError("set"));
    expect([future.cancelled(), future.exception()]).toEqual([false, new CancelledError("set")]);
  });

  test("cancelled: both result() and exception() throw, with the message", () => {
    const future = newEventLoop().createFuture();
    expect(future.cancel("why")).toBe(true);
    expect([future.done(), future.cancelled(), future.cancel("again")]).toEqual([true, true, false]);
    for (const read of [() => future.result(), () => future.exception(), () => future.result()]) {
      expect(read).toThrow(CancelledError);
      expect(read).toThrow("why");
    }
    expect(() => future.setResult(1)).toThrow("Cannot set result: <Future cancelled> is done already");
  });

  test("shows a long result in short", () => {
    const future = newEventLoop().createFuture<string>();
    future.setResult("x".repeat(1000));
    expect(String(future)).toBe(`<Future finished result="${"x".repeat(76)}...>`);
  });

  test("is awaited by many, again and again, and wakes them in order, all in the next iteration", () =>
    on(function* () {
      const log: string[] = [];
      const future = new Future<string>();
      const waiting = coroutine(function* (name: string) {
        log.push(`${name} ${yield* future}`);
        log.push(`${name} ${yield* future} at once`);
      });
      const tasks = ["a", "b", "c"].map((name) => createTask(waiting(name)));
      yield* sleep(0);
      future.setResult("value");
      expect(log).toEqual([]);
      yield* sleep(0);
      expect(log).toEqual(["a value", "a value at once", "b value", "b value at once", "c value", "c value at once"]);
      expect(tasks.every((task) => task.done())).toBe(true);
    }));

  test("done, awaiting it does not suspend", () =>
    on(function* () {
      const { iterations } = getRunningLoop().statistics();
      const [done, failed, cancelled] = [new Future(), new Future(), new Future()];
      done.setResult("value");
      failed.setException(new Error("boom"));
      cancelled.cancel("why");
      expect(yield* done).toBe("value");
      const errors: unknown[] = [];
      for (const future of [failed, cancelled]) {
        try {
          yield* future;
        } catch (error) {
          errors.push(String(error));
        }
      }
      expect(errors).toEqual(["Error: boom", "CancelledError: why"]);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("of another loop: awaiting it throws one iteration later", async () => {
    const loop = newEventLoop();
    await on(function* () {
      const foreign = loop.createFuture();
      const task = createTask(awaiting(foreign));
      yield* sleep(0);
      expect(task.done()).toBe(false);
      yield* sleep(0);
      expect(task.exception()).toBeInstanceOf(RuntimeError);
      expect(task.exception().message).toMatch(
        /^Cannot await <Future pending> in <Task pending name='Task-\d+' coro=anonymous\(\)>: it belongs to a different loop$/,
      );
      expect(foreign.done()).toBe(false);
    });
    loop.close();
  });

  test("pending, it cannot be awaited where there is no task", () => {
    const future = newEventLoop().createFuture();
    expect(() => future[Symbol.iterator]().next()).toThrow(
      new RuntimeError("Cannot wait for a future: there is no current task"),
    );
  });

  test("native code awaits it through the loop", () =>
    on(function* () {
      const [done, failed, cancelled] = [new Future<string>(), new Future<never>(), new Future()];
      const outcomes = Promise.allSettled([done, failed, cancelled, failed.catch((error: Error) => error.message)]);
      const ends: string[] = [];
      const ended = done.finally(() => void ends.push("ended"));
      done.setResult("value");
      failed.setException(new Error("boom"));
      cancelled.cancel("why");
      expect(yield outcomes).toEqual([
        { status: "fulfilled", value: "value" },
        { status: "rejected", reason: new Error("boom") },
        { status: "rejected", reason: new CancelledError("why") },
        { status: "fulfilled", value: "boom" },
      ]);
      expect([yield ended, ends]).toEqual(["value", ["ended"]]);
    }));

  test("of a subclass goes by its own name", () => {
    class Reply extends Future<number> {}
    const reply = new Reply({ loop: newEventLoop() });
    expect([String(reply), isFuture(reply)]).toEqual(["<Reply pending>", true]);
  });
});

describe("done callbacks", () => {
  test("run in the next iteration in the order in which they were added, with the future alone", () =>
    on(function* () {
      const log: unknown[] = [];
      const future = new Future<void>();
      for (const name of ["a", "b", "c"])
        future.addDoneCallback((...args) => void log.push(name, args[0] === future, args.length));
      getRunningLoop().callSoon(() => log.push("before"));
      future.setResult();
      getRunningLoop().callSoon(() => log.push("after"));
      expect(log).toEqual([]);
      yield* sleep(0);
      expect(log).toEqual(["before", "a", true, 1, "b", true, 1, "c", true, 1, "after"]);
    }));

  test.each(["result", "error", "cancellation"])("run after a %s", (outcome) =>
    on(function* () {
      const log: boolean[] = [];
      const future = new Future<number>();
      future.addDoneCallback((done) => void log.push(done.done()));
      if (outcome === "result") future.setResult(1);
      else if (outcome === "error") future.setException(new Error("boom"));
      else future.cancel();
      future.markRead();
      yield* sleep(0);
      expect(log).toEqual([true]);
    }),
  );

  test("of one that is done already run in the next iteration, not inline", () =>
    on(function* () {
      const log: string[] = [];
      const future = new Future<void>();
      future.setResult();
      future.addDoneCallback(() => void log.push("called"));
      expect(log).toEqual([]);
      yield* sleep(0);
      expect(log).toEqual(["called"]);
    }));

  test("are removed all of one function, and not once the future is done", () =>
    on(function* () {
      const log: string[] = [];
      const future = new Future<void>();
      const [a, b] = [(): void => void log.push("a"), (): void => void log.push("b")];
      for (const fn of [a, b, a]) future.addDoneCallback(fn);
      expect([future.removeDoneCallback(a), future.removeDoneCallback(a)]).toEqual([2, 0]);
      future.addDoneCallback(a);
      future.addDoneCallback(() => void log.push(`removed ${future.removeDoneCallback(a)}`));
      future.setResult();
      expect(future.removeDoneCallback(b)).toBe(0);
      yield* sleep(0);
      expect(log).toEqual(["b", "a", "removed 0"]);
    }));

  test("and waiting tasks take their turns in the order in which they came", () =>
    on(function* () {
      const log: string[] = [];
      const future = new Future<void>();
      const waiting = coroutine(function* () {
        yield* future;
        log.push("task");
      });
      future.addDoneCallback(() => void log.push("first"));
      createTask(waiting());
      yield* sleep(0);
      future.addDoneCallback(() => void log.push("last"));
      future.setResult();
      yield* sleep(0);
      expect(log).toEqual(["first", "task", "last"]);
    }));

  test("one that throws goes to the exception handler, the rest run", () =>
    on(function* () {
      const seen: unknown[] = [];
      const log: string[] = [];
      getRunningLoop().setExceptionHandler((_, { message, exception }) => void seen.push(message, exception));
      const future = new Future<void>();
      const boom = new Error("boom");
      future.addDoneCallback(function failing() {
        throw boom;
      });
      future.addDoneCallback(() => void log.push("next"));
      future.setResult();
      yield* sleep(0);
      expect(seen).toEqual(["Exception in callback failing()", boom]);
      expect(log).toEqual(["next"]);
    }));

  test("run in a copy of the context in which they were added, or in the one given", () =>
    on(function* () {
      const variable = new ContextVar<string>("v", { default: "none" });
      const seen: string[] = [];
      const future = new Future<void>();
      const noting = (): void => {
        seen.push(variable.get());
        variable.set("by the callback");
      };
      const task = createTask(awaiting(future));
      variable.set("one");
      future.addDoneCallback(noting);
      variable.set("two");
      future.addDoneCallback(noting);
      future.addDoneCallback(noting, { context: task.getContext() });
      variable.set("three");
      future.setResult();
      yield* sleep(0);
      expect(seen).toEqual(["one", "two", "none"]);
      expect([variable.get(), task.getContext().run(() => variable.get())]).toEqual(["three", "by the callback"]);
    }));

  test("want a function", () => {
    expect(() =>
      newEventLoop()
        .createFuture()
        .addDoneCallback(5 as never),
    ).toThrow(new TypeError("Cannot add done callback: expected a function, received 5"));
  });
});
