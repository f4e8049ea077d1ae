import { CancelledError, Event, Queue, QueueEmpty, TimeoutError, createTask, sleep, taskGroup, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_queues.py::QueueGetTests.test_blocking_get: get() gives an item that is there without suspending", () =>
  program(async ({ log, loop }) => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    loop.callSoon(() => log.push("next iteration"));
    log.push(await queue.get());
    await sleep(0);
    expect(log).toEqual([1, "next iteration"]);
  }));

test("test_queues.py::QueueGetTests.test_get_with_putters: get() wakes a task that waits for a free place", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>(1);
    await queue.put(1);
    const putter = createTask(queue.put(2));
    await sleep(0);
    expect(queue.statistics().putters).toBe(1);
    log.push(await queue.get());
    expect([queue.statistics().putters, queue.empty(), putter.done()]).toEqual([0, true, false]);
    await putter;
    log.push(queue.getNowait());
    expect(log).toEqual([1, 2]);
  }));

test("test_queues.py::QueueGetTests.test_blocking_get_wait: get() waits until an item comes, and gives it", () =>
  program(async ({ log, loop }) => {
    const queue = new Queue<number>();
    const started = new Event();
    const getting = async () => {
      started.set();
      const item = await queue.get();
      log.push(`got it at ${loop.time()}`);
      return item;
    };
    const getter = createTask(getting());
    await started.wait();
    expect(log).toEqual([]);
    loop.callLater(10, () => queue.putNowait(1));
    expect(await getter).toBe(1);
    expect(log).toEqual(["got it at 10"]);
  }));

test("test_queues.py::QueueGetTests.test_nonblocking_get: getNowait() gives an item that is there, without a loop too", () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  expect(queue.getNowait()).toBe(1);
  expect(queue.empty()).toBe(true);
});

test("test_queues.py::QueueGetTests.test_nonblocking_get_exception: getNowait() throws QueueEmpty when there is no item", () => {
  expect(() => new Queue().getNowait()).toThrow(
    new QueueEmpty("Cannot get from Queue: it is empty; get() waits for an item"),
  );
});

test("test_queues.py::QueueGetTests.test_get_cancelled_race: an item passes over a task that was cancelled while it waited", () =>
  program(async () => {
    const queue = new Queue<string>();
    const [first, second] = [createTask(queue.get()), createTask(queue.get())];
    await sleep(0);
    first.cancel();
    await sleep(0);
    expect(first.cancelled()).toBe(true);
    await queue.put("a");
    await sleep(0);
    expect(await second).toBe("a");
    expect(queue.empty()).toBe(true);
  }));

test("test_queues.py::QueueGetTests.test_get_with_waiting_putters: get() gives the items of tasks that wait to put them, in their order", () =>
  program(async () => {
    const queue = new Queue<string>(1);
    createTask(queue.put("a"));
    createTask(queue.put("b"));
    expect([await queue.get(), await queue.get()]).toEqual(["a", "b"]);
  }));

test("test_queues.py::QueueGetTests.test_why_are_getters_waiting: a producer and a consumer go through a queue of one place to the end", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>(1);
    const produce = async () => {
      for (let item = 0; item < 5; item++) await queue.put(item);
      log.push("all put");
    };
    const consume = async () => {
      for (let i = 0; i < 5; i++) log.push(await queue.get());
    };
    await taskGroup(async (tg) => {
      tg.createTask(produce());
      tg.createTask(consume());
    });
    expect(log.filter((entry) => typeof entry === "number")).toEqual([0, 1, 2, 3, 4]);
    expect(log).toContain("all put");
    expect(queue.statistics()).toMatchObject({ size: 0, getters: 0, putters: 0, unfinished: 5 });
  }));

test("test_queues.py::QueueGetTests.test_cancelled_getters_not_being_held_in_self_getters: a get() that timed out leaves the line", () =>
  program(async ({ loop }) => {
    const queue = new Queue<number>(5);
    expect(await thrownBy(waitFor(queue.get(), 100))).toBeInstanceOf(TimeoutError);
    expect([queue.statistics().getters, loop.time()]).toEqual([0, 100]);
  }));

test("test_queues.py::QueuePutTests.test_get_cancel_drop_one_pending_reader: a get() that is cancelled right after its item came leaves the item in its place", () =>
  program(async () => {
    const queue = new Queue<number>();
    const reader = createTask(queue.get());
    await sleep(0);
    queue.putNowait(1);
    queue.putNowait(2);
    reader.cancel();
    expect(await thrownBy(reader)).toBeInstanceOf(CancelledError);
    expect([await createTask(queue.get()), queue.getNowait()]).toEqual([1, 2]);
  }));

test("test_queues.py::QueuePutTests.test_get_cancel_drop_many_pending_readers: of three that wait for two items, one cancelled, the other two get them", () =>
  program(async () => {
    const queue = new Queue<number>();
    await taskGroup(async (tg) => {
      const [first, second, third] = [1, 2, 3].map(() => tg.createTask(queue.get()));
      await sleep(0);
      queue.putNowait(1);
      queue.putNowait(2);
      first.cancel();
      expect(await thrownBy(first)).toBeInstanceOf(CancelledError);
      expect([await third, await second].sort()).toEqual([1, 2]);
    });
    expect(queue.empty()).toBe(true);
  }));
