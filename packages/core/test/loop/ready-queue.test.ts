import { array, assert, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { type Callback, ReadyQueue } from "../../src/loop/ready-queue.ts";

const callback = (): Callback => ({ fire: () => {} });
const many = (count: number): Callback[] => Array.from({ length: count }, callback);
const drained = (queue: ReadyQueue): Callback[] => {
  const left: Callback[] = [];
  while (queue.length > 0) left.push(queue.shift());
  return left;
};

describe("ReadyQueue", () => {
  // It doubles at 1024, 2048 and so on: each of them, one less, one more.
  test.each([0, 1, 1022, 1023, 1024, 1025, 2047, 2048, 2049, 10_000])("gives %i back, first in first out", (count) => {
    const queue = new ReadyQueue();
    const all = many(count);
    for (const one of all) queue.push(one);
    expect(queue.length).toBe(count);
    expect(drained(queue)).toEqual(all);
    expect(queue.length).toBe(0);
  });

  test("grows while its beginning lies behind its end", () => {
    const queue = new ReadyQueue();
    for (const one of many(1000)) queue.push(one);
    for (let i = 0; i < 900; i++) queue.shift();
    const rest = drained(queue);
    expect(rest).toHaveLength(100);
    const all = many(3000);
    for (const one of all) queue.push(one);
    expect(drained(queue)).toEqual(all);
  });

  test("is empty again, and to be used again, after clear()", () => {
    const queue = new ReadyQueue();
    for (const one of many(5000)) queue.push(one);
    queue.clear();
    expect(queue.length).toBe(0);
    const [first, second] = many(2);
    queue.push(first);
    queue.push(second);
    expect(drained(queue)).toEqual([first, second]);
  });

  test("agrees with an array through any number of pushes and shifts", () => {
    const bursts = array(record({ pushes: nat({ max: 700 }), shifts: nat({ max: 700 }) }), {
      maxLength: 20,
      size: "max",
    });
    assert(
      property(bursts, (steps) => {
        const queue = new ReadyQueue();
        const model: Callback[] = [];
        for (const { pushes, shifts } of steps) {
          for (const one of many(pushes)) {
            queue.push(one);
            model.push(one);
          }
          for (let i = 0; i < shifts && model.length > 0; i++)
            if (queue.shift() !== model.shift()) throw new Error("another one came");
          expect(queue.length).toBe(model.length);
        }
        expect(drained(queue)).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });
});
