import { CancelledError, Event, Queue, QueueFull, createTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_queues.py::QueuePutTests.test_blocking_put: put() does not suspend while there is room", () =>
  program(async ({ log, loop }) => {
    const queue = new Queue<number>();
    loop.callSoon(() => log.push("next iteration"));
    await queue.put(1);
    log.push(await queue.get());
    await sleep(0);
    expect(log).toEqual([1, "next iteration"]);
  }));

test("test_queues.py::QueuePutTests.test_blocking_put_wait: put() waits until there is a place, and puts its item then", () =>
  program(async ({ log, loop }) => {
    const queue = new Queue<number>(1);
    const started = new Event();
    const putting = async () => {
      started.set();
      await queue.put(1);
      await queue.put(2);
      log.push(`put both at ${loop.time()}`);
    };
    loop.callLater(10, () => log.push(queue.getNowait()));
    const putter = createTask(putting());
    await started.wait();
    expect(log).toEqual([]);
    await putter;
    expect(log).toEqual([1, "put both at 10"]);
    expect(queue.getNowait()).toBe(2);
  }));

test("test_queues.py::QueuePutTests.test_nonblocking_put: putNowait() puts an item, without a loop too", () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  expect(queue.qsize()).toBe(1);
  expect(queue.getNowait()).toBe(1);
});

test("test_queues.py::QueuePutTests.test_nonblocking_put_exception: putNowait() throws QueueFull when there is no place", () => {
  const queue = new Queue<number>(1);
  queue.putNowait(1);
  expect(() => queue.putNowait(2)).toThrow(
    new QueueFull("Cannot put into Queue: it is full, maxsize is 1; put() waits for a place"),
  );
  expect([queue.qsize(), queue.getNowait()]).toEqual([1, 1]);
});

test("test_queues.py::QueuePutTests.test_float_maxsize: a limit of 1.3 gives room for two items", () =>
  program(async () => {
    const queue = new Queue<number>(1.3);
    queue.putNowait(1);
    expect(queue.full()).toBe(false);
    queue.putNowait(2);
    expect(queue.full()).toBe(true);
    expect(() => queue.putNowait(3)).toThrow(QueueFull);

    const other = new Queue<number>(1.3);
    await other.put(1);
    await other.put(2);
    expect(other.full()).toBe(true);
  }));

test("test_queues.py::QueuePutTests.test_put_cancel_drop: a put() that is cancelled right after a place became free does not put its item", () =>
  program(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const writer = createTask(queue.put(2));
    await sleep(0);
    expect(queue.getNowait()).toBe(1);
    writer.cancel();
    expect(await thrownBy(writer)).toBeInstanceOf(CancelledError);
    expect(queue.qsize()).toBe(0);
    await createTask(queue.put(2));
    expect([queue.getNowait(), queue.qsize()]).toEqual([2, 0]);
  }));

test("test_queues.py::QueuePutTests.test_put_cancelled: an item that a task puts reaches one that waits already, and the task ends", () =>
  program(async () => {
    const queue = new Queue<number>();
    const putting = async () => {
      await queue.put(1);
      return "put";
    };
    const putter = createTask(putting());
    expect(await queue.get()).toBe(1);
    expect(putter.result()).toBe("put");
  }));

test("test_queues.py::QueuePutTests.test_put_cancelled_race: a place passes over a task that was cancelled while it waited for it", () =>
  program(async () => {
    const queue = new Queue<string>(1);
    const [a, b, cancelled] = ["a", "b", "never"].map((item) => createTask(queue.put(item)));
    await sleep(0);
    expect([a.done(), b.done()]).toEqual([true, false]);
    cancelled.cancel();
    await sleep(0);
    expect(cancelled.cancelled()).toBe(true);
    expect(queue.getNowait()).toBe("a");
    await sleep(0);
    expect(queue.getNowait()).toBe("b");
    await b;
    expect(queue.empty()).toBe(true);
  }));

test("test_queues.py::QueuePutTests.test_put_with_waiting_getters: put() hands its item to a task that waits", () =>
  program(async () => {
    const queue = new Queue<string>();
    const getter = createTask(queue.get());
    await sleep(0);
    await queue.put("a");
    expect(await getter).toBe("a");
    expect(queue.empty()).toBe(true);
  }));

test("test_queues.py::QueuePutTests.test_why_are_putters_waiting: taking several items at once wakes as many tasks that wait to put", () =>
  program(async ({ log }) => {
    const queue = new Queue<number>(2);
    const empty = async () => {
      await sleep(0);
      for (let left = queue.qsize(); left > 0; left--) log.push(queue.getNowait());
    };
    await taskGroup(async (tg) => {
      tg.createTask(empty());
      for (const item of [0, 1, 2, 3]) tg.createTask(queue.put(item));
    });
    expect(log).toEqual([0, 1]);
    expect([queue.getNowait(), queue.getNowait(), queue.empty()]).toEqual([2, 3, true]);
  }));

test("test_queues.py::QueuePutTests.test_cancelled_puts_not_being_held_in_self_putters: a put() that is cancelled while it waits leaves the line", () =>
  program(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const putter = createTask(queue.put(2));
    await sleep(0);
    expect(queue.statistics().putters).toBe(1);
    putter.cancel();
    expect(await thrownBy(putter)).toBeInstanceOf(CancelledError);
    expect(queue.statistics()).toMatchObject({ putters: 0, size: 1, unfinished: 1 });
  }));

test("test_queues.py::QueuePutTests.test_cancelled_put_silence_value_error_exception: a put() that left the line by being woken can be cancelled all the same", () =>
  program(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const putter = createTask(queue.put(2));
    await sleep(0);
    queue.getNowait();
    expect(queue.statistics().putters).toBe(0);
    putter.cancel();
    expect(await thrownBy(putter)).toBeInstanceOf(CancelledError);
    expect(queue.statistics()).toMatchObject({ putters: 0, size: 0 });
  }));
