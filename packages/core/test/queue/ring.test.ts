import { array, assert, boolean, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { Ring } from "../../src/queue/ring.ts";

describe("Ring", () => {
  test("does what an array does with push and shift", () => {
    assert(
      property(array(boolean(), { maxLength: 300, size: "max" }), (adds) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        const [taken, expected]: [number[], (number | undefined)[]] = [[], []];
        for (const [index, add] of adds.entries()) {
          if (add) {
            ring.add(index);
            model.push(index);
          } else if (ring.size > 0) {
            taken.push(ring.take());
            expected.push(model.shift());
          }
          expect(ring.size).toBe(model.length);
        }
        expect(taken).toEqual(expected);
        expect([...ring]).toEqual(model);
      }),
    );
  });

  test("does so through bursts that make it grow, also around its end, and give its room back", () => {
    // Mostly more is added than taken, until all is taken.
    const bursts = array(record({ adds: nat({ max: 900 }), takes: nat({ max: 600 }), empties: boolean() }), {
      maxLength: 12,
      size: "max",
    });
    assert(
      property(bursts, (steps) => {
        const ring = new Ring<number>();
        let [first, end] = [0, 0];
        for (const { adds, takes, empties } of steps) {
          for (let i = 0; i < adds; i++) ring.add(end++);
          for (let left = empties ? end - first : Math.min(takes, end - first); left > 0; left--)
            if (ring.take() !== first++) throw new Error("another one came");
          expect(ring.size).toBe(end - first);
        }
        expect([...ring]).toEqual(Array.from({ length: end - first }, (_, i) => first + i));
      }),
      { numRuns: 50 },
    );
  });

  test("grows, runs empty, and is filled again", () => {
    const ring = new Ring<number>();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) ring.add(i);
      for (let i = 0; i < 5000; i++) expect(ring.take()).toBe(i);
    }
    expect(ring.size).toBe(0);
  });
});
