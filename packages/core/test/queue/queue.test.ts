import { Queue, coroutine, createTask, run } from "tsyncio";
import { describe, expect, test } from "vitest";

describe("Queue, in the generator spelling", () => {
  test("connects a producer and a consumer", async () => {
    const queue = new Queue<number>(2);
    const produce = coroutine(function* () {
      for (let i = 0; i < 5; i++) yield* queue.put(i);
      queue.shutdown();
    });
    const items = await run(
      coroutine(function* () {
        const producer = createTask(produce());
        const got: number[] = [];
        while (!producer.done() || !queue.empty()) got.push(yield* queue.get());
        yield* producer;
        return got;
      }),
    );
    expect(items).toEqual([0, 1, 2, 3, 4]);
  });

  test("is iterated by hand", async () => {
    const queue = new Queue<string>();
    queue.putNowait("only");
    queue.shutdown();
    const results = await run(
      coroutine(function* () {
        const iterator = queue[Symbol.asyncIterator]();
        expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
        return [yield iterator.next(), yield iterator.next(), yield iterator.next()];
      }),
    );
    const end = { done: true, value: undefined };
    expect(results).toEqual([{ done: false, value: "only" }, end, end]);
  });

  test("is iterated by native code", async () => {
    const queue = new Queue<number>();
    for (let i = 0; i < 3; i++) queue.putNowait(i);
    queue.shutdown();
    const items: number[] = [];
    for await (const item of queue) items.push(item);
    expect(items).toEqual([0, 1, 2]);
  });
});
