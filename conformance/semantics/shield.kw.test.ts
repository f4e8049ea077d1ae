import { CancelledError, Future, shield, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";

test("a shield whose inner side is cancelled is cancelled itself, without the message of that", () =>
  program(async () => {
    const inner = new Future<void>();
    const outer = shield(inner);
    inner.cancel("the inner side");
    expect(await thrownBy(outer)).toEqual(new CancelledError());
    expect([outer.cancelled(), await thrownBy(inner)]).toEqual([true, new CancelledError("the inner side")]);
  }));

test("a shield that is cancelled itself throws the message it was given, and the inner side hears nothing", () =>
  program(async () => {
    const inner = new Future<string>();
    const outer = shield(inner);
    expect(outer.cancel("the outer side")).toBe(true);
    await sleep(0);
    expect(inner.done()).toBe(false);
    inner.setResult("goes on");
    expect([await thrownBy(outer), await inner]).toEqual([new CancelledError("the outer side"), "goes on"]);
  }));
