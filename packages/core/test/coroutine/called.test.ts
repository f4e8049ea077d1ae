import { callable, invoke } from "tsyncio/runtime";
import { expect, test } from "vitest";

test("a function is called on what it is called on, whatever properties it has", () => {
  function whole(this: unknown, ...args: unknown[]): unknown[] {
    return [this, ...args];
  }
  const fn = Object.assign(whole, { call: 1, apply: 2, bind: 3 });
  expect(callable(fn, "o.m")).toBe(fn);
  expect(invoke(fn, "o", 1, 2)).toEqual(["o", 1, 2]);
});

test("what is no function throws when it is called, as if it were called where that is done", () => {
  function caller(): unknown {
    return invoke(callable({}, "o.m"), {}, 1);
  }
  let thrown: unknown;
  try {
    caller();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  const { message, stack } = thrown as TypeError;
  expect(message).toBe("o.m is not a function");
  expect(stack!.split("\n")[1]).toMatch(/^ {4}at caller /);
});

test("a function that throws is called right from where it is called", () => {
  function thrower(): never {
    throw new Error("thrown");
  }
  function caller(): unknown {
    return invoke(thrower, undefined);
  }
  let stack: string[] = [];
  try {
    caller();
  } catch (error) {
    stack = (error as Error).stack!.split("\n");
  }
  expect(stack.slice(1, 3)).toEqual([
    expect.stringMatching(/^ {4}at thrower /),
    expect.stringMatching(/^ {4}at caller /),
  ]);
});
