import { array, assert, integer, nat, option, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { Heap } from "../../src/queue/heap.ts";

const byNumber = (a: number, b: number) => a - b;

function drain<T>(heap: Heap<T>): T[] {
  const items: T[] = [];
  while (heap.size > 0) items.push(heap.take());
  return items;
}

type Entry = readonly [key: number, id: number];

const byKey = ([a]: Entry, [b]: Entry) => a - b;

/** heappush and heappop as CPython's heapq.py has them, for entries that compare by their key alone. */
class Heapq {
  readonly items: Entry[] = [];

  push(entry: Entry): void {
    this.items.push(entry);
    this.#siftDown(0, this.items.length - 1);
  }

  pop(): Entry {
    const { items } = this;
    const last = items.pop()!;
    if (items.length === 0) return last;
    const [lowest] = items;
    items[0] = last;
    this.#siftUp(0);
    return lowest;
  }

  #siftDown(start: number, from: number): void {
    const { items } = this;
    const entry = items[from];
    let at = from;
    while (at > start) {
      const parent = (at - 1) >> 1;
      if (byKey(entry, items[parent]) >= 0) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = entry;
  }

  #siftUp(start: number): void {
    const { items } = this;
    const entry = items[start];
    let at = start;
    for (let child = 2 * at + 1; child < items.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < items.length && byKey(items[child], items[right]) >= 0) child = right;
      items[at] = items[child];
      at = child;
    }
    items[at] = entry;
    this.#siftDown(start, at);
  }
}

describe("Heap", () => {
  test("gives whatever was put in sorted", () => {
    assert(
      property(array(integer({ min: 0, max: 20 }), { size: "+1" }), (numbers) => {
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

  // Null takes an item; few keys, so that many are equal.
  const steps = array(option(integer({ min: 0, max: 4 }), { freq: 3 }), { maxLength: 80, size: "max" });

  test("holds its items as heapq does through any adds and takes", () => {
    assert(
      property(steps, (keys) => {
        const heap = new Heap<Entry>(byKey);
        const model = new Heapq();
        for (const [id, key] of keys.entries()) {
          if (key !== null) {
            heap.add([key, id]);
            model.push([key, id]);
          }
          const takes = key === null && heap.size > 0;
          expect(takes ? heap.take() : null).toEqual(takes ? model.pop() : null);
          expect([...heap]).toEqual(model.items);
        }
      }),
    );
  });

  test("stays as it was whichever comparison throws", () => {
    assert(
      property(steps, nat({ max: 6 }), (keys, good) => {
        let comparisons = 0;
        const heap = new Heap<Entry>((a, b) => {
          if (comparisons++ === good) throw new RangeError("broken");
          return byKey(a, b);
        });
        for (const [id, key] of keys.entries()) {
          const before = [...heap];
          comparisons = 0;
          let threw = false;
          try {
            if (key !== null) heap.add([key, id]);
            else if (heap.size > 0) heap.take();
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            threw = true;
          }
          expect(threw ? [...heap] : before).toEqual(before);
        }
      }),
    );
  });
});
