import { assert, property, array, integer } from "fast-check";
import { describe, expect, test } from "vitest";
import { Heap } from "../../src/queue/heap.ts";

const byNumber = (a: number, b: number) => a - b;

function drain<T>(heap: Heap<T>): T[] {
  const items: T[] = [];
  while (heap.size > 0) items.push(heap.take());
  return items;
}

describe("Heap", () => {
  test("gives whatever was put in sorted", () => {
    assert(
      property(array(integer({ min: 0, max: 20 })), (numbers) => {
        const heap = new Heap(byNumber);
        for (const number of numbers) heap.add(number);
        expect(drain(heap)).toEqual([...numbers].sort(byNumber));
      }),
    );
  });

  test("gives equal items in the order of Python's heapq", () => {
    const heap = new Heap<[number, string]>(([a], [b]) => a - b);
    // heapq under CPython 3.13, items that compare by their number alone.
    for (const [index, number] of [1, 0, 1, 1, 0, 1, 0, 0].entries()) heap.add([number, "abcdefgh"[index]]);
    expect(
      drain(heap)
        .map(([, name]) => name)
        .join(""),
    ).toBe("bgehcfad");
  });

  test("stays as it was when a comparison throws", () => {
    const broken = { now: false };
    const heap = new Heap<number>((a, b) => {
      if (broken.now) throw new Error("broken");
      return a - b;
    });
    for (const number of [5, 3, 8, 1, 9, 2]) heap.add(number);
    broken.now = true;
    expect(() => heap.add(0)).toThrow("broken");
    expect(() => heap.take()).toThrow("broken");
    broken.now = false;
    expect(drain(heap)).toEqual([1, 2, 3, 5, 8, 9]);
  });
});
