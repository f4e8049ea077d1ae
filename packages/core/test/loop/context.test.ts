import {
  Context,
  ContextVar,
  RuntimeError,
  Token,
  copyContext,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

describe("a context looked at from outside", () => {
  const [colour, size, unset] = ["colour", "size", "unset"].map((name) => new ContextVar<unknown>(name));

  test("tells which variables have a value in it, in the order in which they were made, and which", () => {
    const context = new Context();
    const token = context.run(() => {
      size.set(3);
      return colour.set(undefined);
    });
    expect(token.variable).toBe(colour);
    expect([context.size, context.keys(), context.values()]).toEqual([2, [colour, size], [undefined, 3]]);
    expect(new Map(context.entries()).get(size)).toBe(3);
    expect([context.has(colour), context.has(unset), context.get(size), context.get(unset)]).toEqual([
      true,
      false,
      3,
      undefined,
    ]);
    expect([context.get(unset, "fallback"), context.get(colour, "fallback")]).toEqual(["fallback", undefined]);
    context.run(() => colour.reset(token));
    expect([context.size, context.has(colour)]).toEqual([1, false]);
    expectTypeOf(() => context.get(new ContextVar<number>("n"), null)).returns.toEqualTypeOf<number | null>();
  });

  test("finds variables by their name", () => {
    const twins = [new ContextVar("a name of two"), new ContextVar("a name of two")];
    expect([ContextVar.named("a name of two"), ContextVar.named("a name of none")]).toEqual([twins, []]);
  });

  test("gives copies that go their own way", () => {
    const context = new Context();
    context.run(() => size.set(1));
    const copy = context.copy();
    copy.run(() => size.set(2));
    context.run(() => colour.set("red"));
    expect([context.entries(), copy.entries()]).toEqual([
      [
        [colour, "red"],
        [size, 1],
      ],
      [[size, 2]],
    ]);
  });
});

describe("a context variable", () => {
  test("gives its value, else the fallback, else its default, else it throws", () => {
    const bare = new ContextVar<string>("bare");
    const withDefault = new ContextVar<string | null>("withDefault", { default: "default" });
    const withUndefined = new ContextVar<undefined>("withUndefined", { default: undefined });
    expect(bare.name).toBe("bare");
    expect(() => bare.get()).toThrow(
      'Cannot get ContextVar "bare": it has no value in this context; set it or give a default',
    );
    expect(() => bare.get()).toThrow(RuntimeError);
    expect([bare.get("fallback"), bare.get(null), bare.get(undefined)]).toEqual(["fallback", null, undefined]);
    expect([withDefault.get(), withDefault.get("fallback"), withUndefined.get()]).toEqual([
      "default",
      "fallback",
      undefined,
    ]);
    new Context().run(() => {
      withDefault.set(null);
      expect([withDefault.get(), withDefault.get("fallback")]).toEqual([null, null]);
    });
    expectTypeOf(() => bare.get()).returns.toEqualTypeOf<string>();
    expectTypeOf(() => bare.get(null)).returns.toEqualTypeOf<string | null>();
  });

  test.each([[["a", "b"]], [[null, 1]], [[undefined, 1]], [[0, false]]])(
    "its token brings the earlier value back: %o",
    ([earlier, later]) => {
      const variable = new ContextVar<unknown>("v", { default: "default" });
      new Context().run(() => {
        const first = variable.set(earlier);
        const second = variable.set(later);
        expect(second).toBeInstanceOf(Token);
        expect([first.oldValue, second.oldValue]).toEqual([undefined, earlier]);
        variable.reset(second);
        expect(variable.get()).toBe(earlier);
        variable.reset(first);
        expect(variable.get()).toBe("default");
      });
    },
  );

  test("tokens may be used in any order, each brings back what it replaced", () => {
    const variable = new ContextVar<number>("v");
    new Context().run(() => {
      const first = variable.set(1);
      const second = variable.set(2);
      variable.reset(first);
      expect(variable.get(0)).toBe(0);
      variable.reset(second);
      expect(variable.get(0)).toBe(1);
    });
  });

  test("a token is used once, by its variable, in its context", () => {
    const variable = new ContextVar<number>("v");
    const other = new ContextVar<number>("other");
    const context = new Context();
    const token = context.run(() => variable.set(1));
    expect(() => copyContext().run(() => variable.reset(token))).toThrow(
      'Cannot reset ContextVar "v": the token was made in a different context',
    );
    expect(() => context.run(() => other.reset(token as never))).toThrow(
      'Cannot reset ContextVar "other": the token is of ContextVar "v"',
    );
    expect(() => context.run(() => other.reset(token as never))).toThrow(TypeError);
    context.run(() => variable.reset(token));
    expect(() => context.run(() => variable.reset(token))).toThrow(
      'Cannot reset ContextVar "v": the token has been used already',
    );
  });
});

describe("a context", () => {
  test("keeps what is set inside of run(), which gives what the function gives and throws what it throws", () => {
    const variable = new ContextVar<number>("v", { default: 0 });
    const context = new Context();
    expect(context.run((a, b) => (variable.set(a), a + b), 1, 2)).toBe(3);
    expect(() =>
      context.run(() => {
        variable.set(2);
        throw new Error("boom");
      }),
    ).toThrow("boom");
    expect([variable.get(), context.run(() => variable.get())]).toEqual([0, 2]);
  });

  test("a copy has the values of then; later writes on either side stay there", () => {
    const variable = new ContextVar<string>("v", { default: "none" });
    const context = new Context();
    context.run(() => variable.set("first"));
    const copy = context.run(copyContext);
    context.run(() => variable.set("changed"));
    copy.run(() => expect(variable.get()).toBe("first"));
    copy.run(() => variable.set("of the copy"));
    expect(context.run(() => variable.get())).toBe("changed");
    const copyOfCopy = copy.run(copyContext);
    copyOfCopy.run(() => variable.set("of the copy of the copy"));
    expect(copy.run(() => variable.get())).toBe("of the copy");
  });

  test("is entered once at a time", () => {
    const context = new Context();
    expect(() => context.run(() => context.run(() => {}))).toThrow(
      "Cannot enter Context: it is entered already; use copyContext() for a second one",
    );
    expect(context.run(() => new Context().run(() => "another inside"))).toBe("another inside");
    expect(context.run(() => "again")).toBe("again");
  });
});

describe("on a loop", () => {
  const variable = new ContextVar<string>("v", { default: "default" });

  test("a task sees what its creator had, and its writes stay its own, over every wait", () =>
    run(
      coroutine(function* () {
        variable.set("main");
        const child = coroutine(function* (name: string) {
          const seen = [variable.get()];
          variable.set(name);
          yield* sleep(0);
          seen.push(variable.get());
          yield* sleep(1);
          seen.push(variable.get());
          return seen;
        });
        const tasks = ["a", "b"].map((name) => createTask(child(name)));
        variable.set("main later");
        expect(yield* tasks[0]).toEqual(["main", "a", "a"]);
        expect(yield* tasks[1]).toEqual(["main", "b", "b"]);
        expect(variable.get()).toBe("main later");
      }),
    ));

  test("a coroutine that is awaited shares the context of who awaits it", () =>
    run(
      coroutine(function* () {
        const setting = coroutine(function* () {
          variable.set("by the coroutine");
          yield* sleep(0);
        });
        yield* setting();
        expect(variable.get()).toBe("by the coroutine");
      }),
    ));

  test("a callback runs in a copy of then, or in the very context that it is given", () =>
    run(
      coroutine(function* () {
        const loop = getRunningLoop();
        const seen: string[] = [];
        variable.set("then");
        const callback = (): void => {
          seen.push(variable.get());
          variable.set("by the callback");
        };
        const shared = copyContext();
        loop.callSoon(callback);
        loop.callLater(0, callback);
        loop.callSoonThreadsafe(callback);
        loop.callSoonIn(shared, callback);
        const future = loop.createFuture<number>();
        future.addDoneCallback(callback);
        future.addDoneCallback(callback, { context: shared });
        future.setResult(1);
        variable.set("later");
        yield* sleep(1);
        expect(seen).toEqual(["then", "then", "then", "then", "by the callback", "then"]);
        expect([variable.get(), shared.run(() => variable.get())]).toEqual(["later", "by the callback"]);
      }),
    ));

  test("tasks that are given one context see each other's writes", () =>
    run(
      coroutine(function* () {
        const context = copyContext();
        const setting = coroutine(function* () {
          variable.set("by the first");
          yield* sleep(0);
        });
        const reading = coroutine(function* () {
          return variable.get();
        });
        yield* createTask(setting(), { context });
        const task = createTask(reading(), { context });
        expect(yield* task).toBe("by the first");
        expect(task.getContext()).toBe(context);
        expect(variable.get()).toBe("default");
      }),
    ));

  test("getContext() of a task gives one object, in which its variables are", () => {
    const asking = coroutine(function* () {
      const context = currentTask()!.getContext();
      expect(currentTask()!.getContext()).toBe(context);
      variable.set("set afterwards");
      expect(currentTask()!.getContext()).toBe(context);
      yield* sleep(0);
      expect([currentTask()!.getContext() === context, variable.get()]).toEqual([true, "set afterwards"]);
      expect(new Context(context).run(() => variable.get())).toBe("set afterwards");
    });
    return run(
      coroutine(function* () {
        yield* createTask(asking());
      }),
    );
  });

  test("an eager task runs its first step in its own copy", () =>
    run(
      coroutine(function* () {
        variable.set("main");
        const setting = coroutine(function* () {
          const seen = variable.get();
          variable.set("eager");
          yield* sleep(0);
          return [seen, variable.get()];
        });
        const task = createTask(setting(), { eagerStart: true });
        expect(variable.get()).toBe("main");
        expect(yield* task).toEqual(["main", "eager"]);
        expect(variable.get()).toBe("main");
      }),
    ));

  test("the first variable that a task ever sets stays out of what it created before", () =>
    run(
      coroutine(function* () {
        const reading = coroutine(function* () {
          return variable.get();
        });
        const before = createTask(reading());
        variable.set("first");
        const after = createTask(reading());
        expect([yield* before, yield* after]).toEqual(["default", "first"]);
      }),
    ));

  test("what main sets is not there outside", async () => {
    await run(
      coroutine(function* () {
        variable.set("inside");
      }),
    );
    expect(variable.get()).toBe("default");
  });
});

test("what is set at the top of a module is there in run()", async () => {
  const variable = new ContextVar<string>("module");
  const token = variable.set("at the top");
  const seen = await run(
    coroutine(function* () {
      return variable.get();
    }),
  );
  variable.reset(token);
  expect(seen).toBe("at the top");
});
