import { LifoQueue, PriorityQueue, Queue, createTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

/** Puts 1, 3 and 2, and takes everything out again. */
async function throughQueue(queue: Queue<number>) {
  for (const item of [1, 3, 2]) await queue.put(item);
  const items: number[] = [];
  while (!queue.empty()) items.push(await queue.get());
  return items;
}

test("test_queues.py::QueueBasicTests.test_order: a queue gives its items in the order in which they were put", () =>
  program(async () => expect(await throughQueue(new Queue())).toEqual([1, 3, 2])));

test("test_queues.py::LifoQueueTests.test_order: a LifoQueue gives the newest item first", () =>
  program(async () => expect(await throughQueue(new LifoQueue())).toEqual([2, 3, 1])));

test("test_queues.py::PriorityQueueTests.test_order: a PriorityQueue gives the lowest item first", () =>
  program(async () => expect(await throughQueue(new PriorityQueue())).toEqual([1, 2, 3])));

test("test_queues.py::QueueBasicTests.test_empty: a queue is empty before the first item and after the last", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>();
    log.push(queue.empty());
    await queue.put(1);
    log.push(queue.empty());
    log.push(await queue.get());
    log.push(queue.empty());
    expect(log).toEqual([true, false, 1, true]);
  }));

test("test_queues.py::QueueBasicTests.test_full: a queue is full at its limit, and never without one", () =>
  program(async () => {
    const unlimited = new Queue<number>();
    expect(unlimited.full()).toBe(false);
    await unlimited.put(1);
    expect(unlimited.full()).toBe(false);
    const queue = new Queue<number>(1);
    expect(queue.full()).toBe(false);
    await queue.put(1);
    expect(queue.full()).toBe(true);
  }));

test("test_queues.py::QueueBasicTests.test_maxsize: a producer puts as many items as there is room for, and goes on when one is taken", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>(2);
    expect(queue.maxsize).toBe(2);
    const produce = async () => {
      for (let item = 0; item < 3; item++) {
        await queue.put(item);
        log.push(item);
      }
      return "done";
    };
    const producer = createTask(produce());
    await sleep(0);
    await sleep(0);
    expect(log).toEqual([0, 1]);

    expect(await queue.get()).toBe(0);
    await sleep(0);
    expect(log).toEqual([0, 1, 2]);
    expect([await queue.get(), await queue.get()]).toEqual([1, 2]);
    expect(producer.result()).toBe("done");
  }));

test("test_queues.py::QueueBasicTests.test_str: the text of a queue tells its limit, its items, and how many wait to get or to put", () =>
  program(async () => {
    const queue = new Queue<number>();
    expect(String(queue)).toBe("<Queue maxsize=0>");
    await taskGroup(async (tg) => {
      const getter = tg.createTask(queue.get());
      await sleep(0);
      expect(String(queue)).toBe("<Queue maxsize=0 getters[1]>");
      queue.putNowait(0);
      expect(await getter).toBe(0);
    });

    const limited = new Queue<number>(1);
    await taskGroup(async (tg) => {
      limited.putNowait(1);
      expect(String(limited)).toBe("<Queue maxsize=1 items=[1] tasks=1>");
      tg.createTask(limited.put(2));
      await sleep(0);
      expect(String(limited)).toBe("<Queue maxsize=1 items=[1] putters[1] tasks=1>");
      limited.getNowait();
    });
    expect(String(limited)).toBe("<Queue maxsize=1 items=[2] tasks=2>");
  }));
