import { array, assert, constantFrom, integer, oneof, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { naturalOrder } from "../../src/queue/natural-order.ts";

describe("naturalOrder", () => {
  test.each<[unknown, unknown]>([
    [1, 2],
    [1, 2n],
    [false, 1],
    ["Z", "a"],
    [new Date(1), new Date(2)],
    [[1], [1, 0]],
    [[], [0]],
    [
      [1, "b"],
      [2, "a"],
    ],
    [
      [1, [2, 3]],
      [1, [2, 4]],
    ],
  ])("puts %o before %o", (a, b) => {
    expect([naturalOrder(a, b) < 0, naturalOrder(b, a) > 0]).toEqual([true, true]);
  });

  test("finds equal what is equal, and compares no items that are the same object", () => {
    const job = {};
    expect([naturalOrder(1, 1n), naturalOrder("a", "a"), naturalOrder([1, job], [1, job])]).toEqual([0, 0, 0]);
  });

  test.each<[unknown, unknown, string]>([
    [1, "1", 'Cannot compare 1 with "1"'],
    [null, null, "Cannot compare null with null"],
    [[1, {}], [1, {}], "Cannot compare an instance of Object with an instance of Object"],
    [undefined, 1, "Cannot compare undefined with 1"],
    [[1], 1, "Cannot compare [1] with 1"],
    [Object.create(null), 1, "Cannot compare an instance of a class without name with 1"],
  ])("refuses to compare %o with %o", (a, b, message) => {
    expect(() => naturalOrder(a, b)).toThrow(TypeError);
    expect(() => naturalOrder(a, b)).toThrow(message);
  });

  const numbers = oneof(integer({ min: -3, max: 3 }), constantFrom(0.5, -Infinity, 2n, true));
  const jobs = tuple(numbers, string({ maxLength: 2 }), array(numbers, { maxLength: 3 }));

  test("is a total order: it sorts, and turns around when its sides do", () => {
    assert(
      property(array(jobs, { maxLength: 12 }), (items) => {
        const sorted = [...items].sort(naturalOrder);
        for (const [i, a] of sorted.entries())
          for (const b of sorted.slice(i)) {
            expect(naturalOrder(a, b)).toBeLessThanOrEqual(0);
            expect(Math.sign(naturalOrder(b, a)) + Math.sign(naturalOrder(a, b))).toBe(0);
          }
      }),
    );
  });

  test("puts arrays by their first items that differ", () => {
    assert(
      property(array(numbers), numbers, numbers, array(numbers), array(numbers), (start, a, b, rest, other) => {
        const order = Math.sign(naturalOrder([...start, a, ...rest], [...start, b, ...other]));
        expect(order).toBe(Math.sign(naturalOrder(a, b) || naturalOrder(rest, other)));
      }),
    );
  });
});
