import { ContextVar, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";

/** A library whose functions follow a setting of the context, as Python's decimal does. */
class Rounding {
  readonly #digits = new ContextVar("digits", { default: 10 });

  divide(x: number, y: number): string {
    return (x / y).toPrecision(this.#digits.get());
  }

  /** Until the end of the scope it is so many digits. */
  local(digits: number): Disposable {
    const token = this.#digits.set(digits);
    return { [Symbol.dispose]: () => this.#digits.reset(token) };
  }
}

test("test_context.py::DecimalContextTest.test_asyncio_task_decimal_context: a setting that a library keeps in a context variable holds in the task that made it, across its waits, and in no other", () =>
  eitherStart(async () => {
    const rounding = new Rounding();
    const fractions = async (delay: number, digits: number, x: number, y: number) => {
      using _ = rounding.local(digits);
      const first = rounding.divide(x, y);
      await sleep(delay);
      return [first, rounding.divide(x, y ** 2)];
    };
    const results = await gather(fractions(100, 3, 1, 3), fractions(200, 6, 1, 3));
    expect(results).toEqual([
      ["0.333", "0.111"],
      ["0.333333", "0.111111"],
    ]);
    expect(rounding.divide(1, 3)).toBe("0.3333333333");
    // Awaited without a task it shares the context, and puts back what was there.
    expect(await fractions(100, 4, 1, 3)).toEqual(["0.3333", "0.1111"]);
    expect(rounding.divide(1, 3)).toBe("0.3333333333");
  }));
