import { PriorityQueue, coroutine, createTask, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty()) items.push(queue.getNowait());
  return items;
}

describe("PriorityQueue", () => {
  test("gives the lowest item first", () => {
    const queue = new PriorityQueue<number>();
    for (const item of [3, 1, 4, 1, 5, 9, 2, 6]) queue.putNowait(item);
    expect(drain(queue)).toEqual([1, 1, 2, 3, 4, 5, 6, 9]);
  });

  test("orders arrays like Python's tuples", () => {
    const queue = new PriorityQueue<[number, string]>();
    for (const item of [
      [2, "a"],
      [1, "b"],
      [1, "a"],
    ] as const)
      queue.putNowait([...item]);
    expect(drain(queue)).toEqual([
      [1, "a"],
      [1, "b"],
      [2, "a"],
    ]);
  });

  test("takes an order of one's own", () => {
    const queue = new PriorityQueue<{ name: string; due: number }>(0, { compare: (a, b) => a.due - b.due });
    for (const [name, due] of [
      ["late", 9],
      ["soon", 1],
    ] as const)
      queue.putNowait({ name, due });
    expect(drain(queue).map(({ name }) => name)).toEqual(["soon", "late"]);
  });

  test("refuses items that cannot be compared, and stays as it was", () => {
    const queue = new PriorityQueue<unknown>();
    queue.putNowait(["first", 1]);
    expect(() => queue.putNowait({ due: 1 })).toThrow(
      new TypeError(
        'Cannot compare an instance of Object with ["first", 1]: they have no natural order; give new PriorityQueue(maxsize, { compare }), or put [priority, number, item]',
      ),
    );
    expect(queue.statistics()).toMatchObject({ size: 1, unfinished: 1 });
    expect(queue.getNowait()).toEqual(["first", 1]);
  });

  test("refuses a compare that is no function", () => {
    expect(() => new PriorityQueue(0, { compare: 1 as never })).toThrow(
      "Cannot create PriorityQueue: compare must be a",
    );
  });

  test("holds a producer back while it is full", () =>
    run(
      coroutine(function* () {
        const queue = new PriorityQueue<number>(2);
        queue.putNowait(5);
        queue.putNowait(7);
        const putter = createTask(queue.put(1));
        yield* sleep(0);
        expect(yield* queue.get()).toBe(5);
        yield* putter;
        expect(drain(queue)).toEqual([1, 7]);
      }),
    ));
});
