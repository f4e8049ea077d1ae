import { LifoQueue, Queue } from "tsyncio";
import { describe, expect, test } from "vitest";

describe("LifoQueue", () => {
  test("gives the newest item first", () => {
    const queue = new LifoQueue<number>(3);
    for (const item of [1, 3, 2]) queue.putNowait(item);
    expect(queue.full()).toBe(true);
    expect(String(queue)).toBe("<LifoQueue maxsize=3 items=[1, 3, 2] tasks=3>");
    expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([2, 3, 1]);
    expect(queue).toBeInstanceOf(Queue);
  });

  test("names itself in its messages", () => {
    expect(() => new LifoQueue().getNowait()).toThrow("Cannot get from LifoQueue: it is empty");
  });
});
