import { LifoQueue, PriorityQueue, Queue, QueueShutDown, RuntimeError, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

const KINDS = [Queue, LifoQueue, PriorityQueue];

const refusesToPut = (queue: Queue<string>) =>
  new QueueShutDown(`Cannot put into ${queue.constructor.name}: it was shut down`);
const refusesToGet = (queue: Queue<string>) =>
  new QueueShutDown(`Cannot get from ${queue.constructor.name}: it was shut down and is empty`);

/** Neither waiting nor at once can anything be put or taken. */
async function expectShut(queue: Queue<string>) {
  expect(await thrownBy(queue.put("late"))).toEqual(refusesToPut(queue));
  expect(() => queue.putNowait("late")).toThrow(refusesToPut(queue));
  expect(await thrownBy(queue.get())).toEqual(refusesToGet(queue));
  expect(() => queue.getNowait()).toThrow(refusesToGet(queue));
}

function expectAllDone(queue: Queue<string>) {
  expect(queue.statistics().unfinished).toBe(0);
  expect(() => queue.taskDone()).toThrow(RuntimeError);
}

test("test_queues.py::_QueueShutdownTestMixin.test_format: the text of a queue tells that it was shut down", () => {
  for (const Kind of KINDS) {
    const queue = new Kind();
    queue.shutdown();
    expect(String(queue)).toBe(`<${Kind.name} maxsize=0 shutdown>`);
  }
});

test("test_queues.py::_QueueShutdownTestMixin.test_shutdown_empty: a task that waits for an item gets QueueShutDown, and nobody can put or get any more", () =>
  program(async () => {
    for (const Kind of KINDS) {
      const queue = new Kind<string>();
      const getter = createTask(queue.get());
      await sleep(0);
      queue.shutdown();
      expect(queue.qsize()).toBe(0);
      await queue.join();
      await sleep(0);
      expect(getter.exception()).toEqual(refusesToGet(queue));
      await expectShut(queue);
      expectAllDone(queue);
    }
  }));

test("test_queues.py::_QueueShutdownTestMixin.test_shutdown_nonempty: what is in the queue can still be taken and is waited for by join(), what waits to be put is refused", () =>
  program(async () => {
    for (const Kind of KINDS) {
      const queue = new Kind<string>(1);
      queue.putNowait("first");
      const joiner = createTask(queue.join());
      const putter = createTask(queue.put("second"));
      await sleep(0);
      expect(putter.done()).toBe(false);

      queue.shutdown();
      expect(queue.qsize()).toBe(1);
      await sleep(0);
      expect(putter.exception()).toEqual(refusesToPut(queue));
      expect(await queue.get()).toBe("first");
      await sleep(0);
      expect(joiner.done()).toBe(false);
      await expectShut(queue);

      queue.taskDone();
      await sleep(0);
      expect(joiner.done()).toBe(true);
      await joiner;
      expectAllDone(queue);
    }
  }));

test("test_queues.py::_QueueShutdownTestMixin.test_shutdown_immediate: an immediate shutdown drops the items, and counts them as done", () =>
  program(async () => {
    for (const Kind of KINDS) {
      const queue = new Kind<string>();
      queue.putNowait("dropped");
      const joiner = createTask(queue.join());
      await sleep(0);
      expect(joiner.done()).toBe(false);

      queue.shutdown(true);
      expect(queue.qsize()).toBe(0);
      await sleep(0);
      expect(joiner.done()).toBe(true);
      await joiner;
      await expectShut(queue);
      expectAllDone(queue);
    }
  }));

test("test_queues.py::_QueueShutdownTestMixin.test_shutdown_immediate_with_unfinished: join() waits after an immediate shutdown for the items that had been taken", () =>
  program(async () => {
    for (const Kind of KINDS) {
      const queue = new Kind<string>();
      queue.putNowait("taken");
      queue.putNowait("taken");
      const joiner = createTask(queue.join());
      expect(await queue.get()).toBe("taken");
      await sleep(0);

      queue.shutdown(true);
      expect([queue.qsize(), queue.statistics().unfinished]).toEqual([0, 1]);
      await sleep(0);
      expect(joiner.done()).toBe(false);
      await expectShut(queue);

      queue.taskDone();
      expectAllDone(queue);
      await sleep(0);
      expect(joiner.done()).toBe(true);
      await joiner;
    }
  }));
