import {
  BrokenBarrierError,
  CancelledError,
  DeadlockError,
  ExceptionGroup,
  InvalidStateError,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  TimeoutError,
  TsyncioError,
  catchGroup,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

describe("every error class", () => {
  test.each([
    [CancelledError, "CancelledError", "TSYNCIO_CANCELLED"],
    [TimeoutError, "TimeoutError", "TSYNCIO_TIMEOUT"],
    [InvalidStateError, "InvalidStateError", "TSYNCIO_INVALID_STATE"],
    [RuntimeError, "RuntimeError", "TSYNCIO_RUNTIME"],
    [BrokenBarrierError, "BrokenBarrierError", "TSYNCIO_BROKEN_BARRIER"],
    [QueueEmpty, "QueueEmpty", "TSYNCIO_QUEUE_EMPTY"],
    [QueueFull, "QueueFull", "TSYNCIO_QUEUE_FULL"],
    [QueueShutDown, "QueueShutDown", "TSYNCIO_QUEUE_SHUT_DOWN"],
    [DeadlockError, "DeadlockError", "TSYNCIO_DEADLOCK"],
    [KeyboardInterrupt, "KeyboardInterrupt", "TSYNCIO_KEYBOARD_INTERRUPT"],
    [TsyncioError, "TsyncioError", "TSYNCIO_ERROR"],
  ] as const)("%o has its name, its code, a message and a cause", (errorClass, name, code) => {
    const cause = new Error("cause");
    const error = new errorClass("message", { cause });
    expect(error).toBeInstanceOf(TsyncioError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([name, code, "message", cause]);
    expect(String(error)).toBe(`${name}: message`);
    expect(Object.keys(error)).not.toContain("name");
    expect(new errorClass().message).toBe("");
  });

  test("BrokenBarrierError is a RuntimeError", () => {
    expect(new BrokenBarrierError()).toBeInstanceOf(RuntimeError);
  });

  test("KeyboardInterrupt tells the signal", () => {
    expect(new KeyboardInterrupt().signal).toBe("SIGINT");
    expect(new KeyboardInterrupt("", { signal: "SIGTERM" }).signal).toBe("SIGTERM");
  });
});

describe("ExceptionGroup", () => {
  const range = new RangeError("range");
  const type = new TypeError("type");
  const syntax = new SyntaxError("syntax");

  test("holds its members in order and counts them in its message", () => {
    const group = new ExceptionGroup("two", [range, type]);
    expect(group).toBeInstanceOf(AggregateError);
    expect([group.errors, group.message, group.name, group.code]).toEqual([
      [range, type],
      "two (2 sub-exceptions)",
      "ExceptionGroup",
      "TSYNCIO_EXCEPTION_GROUP",
    ]);
    expect(new ExceptionGroup("one", [range]).message).toBe("one (1 sub-exception)");
    expectTypeOf(group.errors[0]).toExtend<Error>();
  });

  test("needs a member", () => {
    expect(() => new ExceptionGroup("none", [])).toThrow(
      'Cannot create ExceptionGroup "none": it needs at least one error',
    );
    expect(() => new ExceptionGroup("none", [])).toThrow(RangeError);
  });

  test("split gives what matches and the rest, with nested groups kept, message and cause too", () => {
    const cause = new Error("cause");
    const inner = new ExceptionGroup("inner", [type, syntax]);
    const group = new ExceptionGroup("outer", [range, inner], { cause });
    const [types, rest] = group.split(TypeError);
    expect([types!.errors.length, types!.message, types!.cause]).toEqual([1, "outer (1 sub-exception)", cause]);
    const nested = types!.errors[0] as ExceptionGroup;
    expect([nested.message, nested.errors]).toEqual(["inner (1 sub-exception)", [type]]);
    expect(rest!.errors[0]).toBe(range);
    expect((rest!.errors[1] as ExceptionGroup).errors).toEqual([syntax]);
    // The group itself is as it was.
    expect([group.errors, inner.errors]).toEqual([
      [range, inner],
      [type, syntax],
    ]);
  });

  test("split gives null for a part without members, and the group itself when it matches as a whole", () => {
    const group = new ExceptionGroup("both", [range, type]);
    const inner = new ExceptionGroup("outer", [group, syntax]);
    expect(group.split(SyntaxError)).toEqual([null, group]);
    expect(group.split(ExceptionGroup)).toEqual([group, null]);
    expect(group.subgroup(() => true)).toBe(group);
    expect(group.subgroup(SyntaxError)).toBe(null);
    expect(inner.split((error) => error === group)[0]!.errors).toEqual([group]);
  });

  test("split takes a predicate or an error class, and nothing else", () => {
    const group = new ExceptionGroup("both", [range, type]);
    expect(group.subgroup((error) => (error as Error).message === "type")!.errors).toEqual([type]);
    expect(group.subgroup(Error)).toBe(group);
    expect(() => group.split(5 as any)).toThrow(
      "Cannot split ExceptionGroup: expected a predicate or an error class, received 5",
    );
  });

  test("a subclass derives its own kind", () => {
    class Failures<E> extends ExceptionGroup<E> {
      override derive(errors: readonly E[]): Failures<E> {
        return new Failures("derived", errors);
      }
    }
    const group = new Failures("all", [range, type]);
    expect(group.subgroup(TypeError)).toBeInstanceOf(Failures);
  });
});

describe("catchGroup", () => {
  const range = new RangeError("range");
  const type = new TypeError("type");

  test("hands over what matches and throws the rest", () => {
    const group = new ExceptionGroup("both", [range, type]);
    const caught: unknown[] = [];
    let thrown: unknown;
    try {
      catchGroup(group, TypeError, (matching) => void caught.push(...matching.errors));
    } catch (error) {
      thrown = error;
    }
    expect(caught).toEqual([type]);
    expect((thrown as ExceptionGroup).errors).toEqual([range]);
  });

  test("throws nothing when all match, and the very error when none does", () => {
    const group = new ExceptionGroup("both", [range, type]);
    catchGroup(group, Error, (matching) => expect(matching).toBe(group));
    for (const error of [group, range]) {
      let thrown: unknown;
      try {
        catchGroup(error, SyntaxError, () => expect.unreachable());
      } catch (caught) {
        thrown = caught;
      }
      expect(thrown).toBe(error);
    }
  });

  test("an error that is no group is handed over as a group of one", () => {
    const caught: ExceptionGroup[] = [];
    catchGroup(type, TypeError, (group) => void caught.push(group));
    expect(caught.map((group) => group.errors)).toEqual([[type]]);
  });
});
