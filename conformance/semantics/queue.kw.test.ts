import { Queue, QueueShutDown, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

test("a queue that is full and shut down says that it is shut down", () =>
  program(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    queue.shutdown();
    expect(() => queue.putNowait(2)).toThrow(QueueShutDown);
    expect(await thrownBy(queue.put(2))).toBeInstanceOf(QueueShutDown);
  }));

test("shutdown() may be repeated, also to drop what a first one has left; there is no way back", () =>
  program(async () => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    queue.shutdown();
    queue.shutdown();
    expect([queue.getNowait(), queue.qsize()]).toEqual([1, 2]);
    queue.taskDone();
    queue.shutdown(true);
    expect(queue.qsize()).toBe(0);
    await queue.join();
    expect(() => queue.getNowait()).toThrow(QueueShutDown);
    expect(await thrownBy(queue.get())).toBeInstanceOf(QueueShutDown);
    expect(await thrownBy(queue.put(4))).toBeInstanceOf(QueueShutDown);
  }));

test.each([
  ["the shutdown drops the items", (queue: Queue<number>) => queue.shutdown(true)],
  [
    "an item is taken right before the shutdown",
    (queue: Queue<number>) => {
      queue.getNowait();
      queue.shutdown();
    },
  ],
])("who waits for a place is refused though there is one when he is woken: %s", (_, makeRoomAndShutDown) =>
  program(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const putter = createTask(queue.put(2));
    await sleep(0);
    makeRoomAndShutDown(queue);
    expect(queue.full()).toBe(false);
    expect(await thrownBy(putter)).toBeInstanceOf(QueueShutDown);
    expect(queue.qsize()).toBe(0);
  }),
);

test("shutdown(true) counts the items that it drops as done, and no others: join() waits for those that were taken", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    queue.getNowait();
    const joiner = createTask(queue.join());
    await sleep(0);
    queue.shutdown(true);
    await giveWay(3);
    log.push(joiner.done());
    queue.taskDone();
    await joiner;
    log.push(joiner.done());
    expect(log).toEqual([false, true]);
    expect(() => queue.taskDone()).toThrow("taskDone() was called too many times");
  }));
