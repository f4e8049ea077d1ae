import { array, assert, constant, integer, nat, oneof, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { TimerHeap } from "../../src/loop/timer-heap.ts";

class Entry {
  readonly deadline: number;
  readonly arrival: number;
  dead = false;

  constructor(deadline: number, arrival: number) {
    this.deadline = deadline;
    this.arrival = arrival;
  }

  fire(): void {}
}

const order = (a: Entry, b: Entry): number => a.deadline - b.deadline || a.arrival - b.arrival;

/** A heap beside what it is to be: a list, sorted at every look. */
class Pair {
  readonly heap = new TimerHeap();
  model: Entry[] = [];
  #arrived = 0;

  push(deadline: number): Entry {
    const entry = new Entry(deadline, this.#arrived++);
    this.heap.push(deadline, entry);
    this.model.push(entry);
    this.model.sort(order);
    return entry;
  }

  kill(entry: Entry): void {
    if (entry.dead) return;
    entry.dead = true;
    this.heap.died();
  }

  pop(): void {
    if (this.heap.pop() !== this.model.shift()) throw new Error("another one left");
  }

  /** All entries in the order in which they leave. */
  drain(): Entry[] {
    const left: Entry[] = [];
    while (this.heap.size > 0) left.push(this.heap.pop() as Entry);
    return left;
  }
}

const filled = (count: number, deadline: (i: number) => number = (i) => i): Pair => {
  const pair = new Pair();
  for (let i = 0; i < count; i++) pair.push(deadline(i));
  return pair;
};

describe("TimerHeap", () => {
  test("is empty at first", () => {
    const heap = new TimerHeap();
    expect([heap.size, heap.live, heap.earliest]).toEqual([0, 0, Infinity]);
    expect(() => heap.sweep()).not.toThrow();
  });

  test("gives equal deadlines in the order in which they came, however many there are", () => {
    const pair = filled(1000, (i) => i % 3);
    expect(pair.drain()).toEqual(pair.model);
  });

  test("keeps its order beyond its first capacity", () => {
    const pair = filled(3000, (i) => (i * 7919) % 3001);
    expect(pair.drain()).toEqual(pair.model);
  });

  test("takes deadlines of any size, also infinite ones", () => {
    const pair = new Pair();
    for (const deadline of [Infinity, 0, -Infinity, 1e300, -1, Number.MIN_VALUE]) pair.push(deadline);
    const left = pair.drain().map(({ deadline }) => deadline);
    expect(left).toEqual([-Infinity, -1, 0, Number.MIN_VALUE, 1e300, Infinity]);
  });

  test("sweeps the dead at the top only, while they are half of it or less", () => {
    const pair = filled(200);
    for (let i = 0; i < 50; i++) pair.kill(pair.model[i]);
    for (let i = 100; i < 150; i++) pair.kill(pair.model[i]);
    pair.heap.sweep();
    expect([pair.heap.size, pair.heap.live, pair.heap.earliest]).toEqual([150, 100, 50]);
  });

  test("sweeps all of them when more than half of more than 100 are dead", () => {
    const pair = filled(101);
    for (const entry of pair.model.slice(50)) pair.kill(entry);
    pair.heap.sweep();
    expect([pair.heap.size, pair.heap.live]).toEqual([50, 50]);
    expect(pair.drain()).toEqual(pair.model.slice(0, 50));
  });

  test("sweeps the top only in a heap of 100", () => {
    const pair = filled(100);
    for (const entry of pair.model.slice(1)) pair.kill(entry);
    pair.heap.sweep();
    expect([pair.heap.size, pair.heap.live]).toEqual([100, 1]);
  });

  test("forgets a dead entry when it leaves", () => {
    const pair = filled(3);
    pair.kill(pair.model[0]);
    pair.pop();
    expect([pair.heap.size, pair.heap.live]).toEqual([2, 2]);
  });

  test("counts as dead only those that it still holds, whether the others left one by one or were swept", () => {
    for (const dead of [60, 150]) {
      const pair = filled(200 + dead);
      for (const entry of pair.model.splice(0, dead)) pair.kill(entry);
      pair.heap.sweep();
      expect(pair.heap.size).toBe(200);
      for (const entry of pair.model.slice(-100)) pair.kill(entry);
      pair.heap.sweep();
      // Half of them: those at the top only, and there are none.
      expect(pair.heap.size).toBe(200);
    }
    const pair = filled(300);
    for (const entry of pair.model.splice(100)) pair.kill(entry);
    pair.heap.sweep();
    for (let i = 0; i < 50; i++) pair.push(1000);
    for (const entry of pair.model.slice(-60)) pair.kill(entry);
    pair.heap.sweep();
    expect(pair.heap.size).toBe(150);
  });

  test("is empty again, and to be used again, after clear()", () => {
    const pair = filled(300);
    pair.kill(pair.model[5]);
    pair.heap.clear();
    expect([pair.heap.size, pair.heap.live, pair.heap.earliest]).toEqual([0, 0, Infinity]);
    pair.model = [];
    pair.push(2);
    pair.push(1);
    expect(pair.drain()).toEqual(pair.model);
  });

  test("agrees with a sorted list through any pushes, pops, deaths and sweeps", () => {
    const step = oneof(
      { weight: 6, arbitrary: record({ do: constant("push" as const), n: integer({ min: 0, max: 20 }) }) },
      { weight: 2, arbitrary: record({ do: constant("pop" as const), n: constant(0) }) },
      { weight: 5, arbitrary: record({ do: constant("kill" as const), n: nat() }) },
      { weight: 1, arbitrary: record({ do: constant("cull" as const), n: nat({ max: 2 }) }) },
      { weight: 1, arbitrary: record({ do: constant("sweep" as const), n: constant(0) }) },
    );
    assert(
      property(nat({ max: 300 }), array(step, { maxLength: 400, size: "max" }), (before, steps) => {
        const pair = filled(before, (i) => (i * 31) % 17);
        for (const { do: what, n } of steps) {
          if (what === "push") pair.push(n);
          else if (pair.model.length === 0) continue;
          else if (what === "pop") pair.pop();
          else if (what === "kill") pair.kill(pair.model[n % pair.model.length]);
          else if (what === "cull")
            pair.model.filter(({ arrival }) => arrival % 3 !== n).forEach((entry) => pair.kill(entry));
          else {
            const dead = pair.model.filter((entry) => entry.dead).length;
            const all = pair.model.length > 100 && dead * 2 > pair.model.length;
            pair.heap.sweep();
            if (all) pair.model = pair.model.filter((entry) => !entry.dead);
            else while (pair.model[0]?.dead) pair.model.shift();
          }
          expect(pair.heap.size).toBe(pair.model.length);
          expect(pair.heap.live).toBe(pair.model.filter((entry) => !entry.dead).length);
          expect(pair.heap.earliest).toBe(pair.model[0]?.deadline ?? Infinity);
        }
        expect(pair.drain()).toEqual(pair.model);
      }),
      { numRuns: 40 },
    );
  });
});
