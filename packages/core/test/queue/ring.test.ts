import { array, assert, boolean, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { Ring } from "../../src/queue/ring.ts";

describe("Ring", () => {
  test("does what an array does with push and shift", () => {
    assert(
      property(array(boolean(), { maxLength: 300 }), (adds) => {
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

  test("grows, runs empty, and is filled again", () => {
    const ring = new Ring<number>();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) ring.add(i);
      for (let i = 0; i < 5000; i++) expect(ring.take()).toBe(i);
    }
    expect(ring.size).toBe(0);
  });
});
