import {
  CancelledError,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  createTask,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function get<T>(queue: Queue<T>, name: string, log: string[]) {
  try {
    log.push(`${name} got ${String(await queue.get())}`);
  } catch (error) {
    log.push(`${name} ${(error as Error).name}`);
    throw error;
  }
}

async function put<T>(queue: Queue<T>, item: T, log: string[]) {
  try {
    await queue.put(item);
    log.push(`put ${String(item)}`);
  } catch (error) {
    log.push(`${String(item)} ${(error as Error).name}`);
    throw error;
  }
}

describe("Queue", () => {
  test("gives items in the order in which they were put, without suspending", () =>
    run(async () => {
      const queue = new Queue<number>();
      const other = createTask(sleep(0));
      for (let i = 0; i < 20; i++) await queue.put(i);
      const items: number[] = [];
      while (!queue.empty()) items.push(await queue.get());
      expect(items).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect(other.done()).toBe(false);
      expectTypeOf(queue.get()).resolves.toEqualTypeOf<number>();
      await other;
    }));

  test("hands any value over, also undefined", () =>
    run(async () => {
      const queue = new Queue<undefined>();
      const getter = createTask(queue.get());
      await sleep(0);
      queue.putNowait(undefined);
      expect(await getter).toBeUndefined();
      expect(queue.empty()).toBe(true);
    }));

  test("serves waiting tasks in the order in which they came", () =>
    run(async () => {
      const queue = new Queue<string>();
      const log: string[] = [];
      const tasks = ["a", "b", "c"].map((name) => createTask(get(queue, name, log)));
      await sleep(0);
      for (const item of ["x", "y", "z"]) queue.putNowait(item);
      await sleep(0);
      expect(log).toEqual(["a got x", "b got y", "c got z"]);
      for (const task of tasks) await task;
    }));

  test("holds a producer back while it is full", () =>
    run(async () => {
      const queue = new Queue<number>(2);
      const log: string[] = [];
      const tasks = [1, 2, 3, 4].map((item) => createTask(put(queue, item, log)));
      await sleep(0);
      expect(log).toEqual(["put 1", "put 2"]);
      expect(queue.full()).toBe(true);
      expect(await queue.get()).toBe(1);
      await sleep(0);
      expect(log).toEqual(["put 1", "put 2", "put 3"]);
      expect([queue.getNowait(), queue.getNowait()]).toEqual([2, 3]);
      for (const task of tasks) await task;
      expect(queue.getNowait()).toBe(4);
    }));

  test("lets a woken task wait again, at the end of the line, when its item was taken meanwhile", () =>
    run(async () => {
      const queue = new Queue<string>();
      const log: string[] = [];
      const first = createTask(get(queue, "first", log));
      await sleep(0);
      queue.putNowait("x");
      expect(queue.getNowait()).toBe("x");
      const second = createTask(get(queue, "second", log));
      await sleep(0);
      queue.putNowait("y");
      await sleep(0);
      queue.putNowait("z");
      await first;
      await second;
      expect(log).toEqual(["first got y", "second got z"]);
    }));

  test.each([
    ["while it waits", () => {}],
    ["right before an item comes", (queue: Queue<string>, cancel: () => void) => (cancel(), queue.putNowait("x"))],
    ["right after an item has come", (queue: Queue<string>, cancel: () => void) => (queue.putNowait("x"), cancel())],
  ])("gives the item to the next getter when the first is cancelled %s", (_, act) =>
    run(async () => {
      const queue = new Queue<string>();
      const log: string[] = [];
      const [first, second] = ["first", "second"].map((name) => createTask(get(queue, name, log)));
      await sleep(0);
      act(queue, () => first.cancel());
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      if (!second.done() && queue.empty()) queue.putNowait("x");
      await second;
      expect(log).toEqual(["first CancelledError", "second got x"]);
      expect(queue.empty()).toBe(true);
    }),
  );

  test("leaves the others in their order when a getter is cancelled whose item somebody else took", () =>
    run(async () => {
      const queue = new Queue<string>();
      const log: string[] = [];
      const [first, second, third] = ["first", "second", "third"].map((name) => createTask(get(queue, name, log)));
      await sleep(0);
      queue.putNowait("x");
      expect(queue.getNowait()).toBe("x");
      first.cancel();
      await sleep(0);
      await sleep(0);
      queue.putNowait("y");
      queue.putNowait("z");
      await second;
      await third;
      expect(log).toEqual(["first CancelledError", "second got y", "third got z"]);
      await expect(first).rejects.toBeInstanceOf(CancelledError);
    }));

  test("keeps the item when its only getter is cancelled right after it has come", () =>
    run(async () => {
      const queue = new Queue<string>();
      const getter = createTask(queue.get());
      await sleep(0);
      queue.putNowait("kept");
      getter.cancel();
      await expect(getter).rejects.toBeInstanceOf(CancelledError);
      expect(queue.getNowait()).toBe("kept");
    }));

  test.each([
    ["while it waits", () => {}],
    ["right before a place is free", (queue: Queue<string>, cancel: () => void) => (cancel(), queue.getNowait())],
    ["right after a place was freed", (queue: Queue<string>, cancel: () => void) => (queue.getNowait(), cancel())],
  ])("gives the place to the next putter when the first is cancelled %s", (_, act) =>
    run(async () => {
      const queue = new Queue<string>(1);
      const log: string[] = [];
      queue.putNowait("x");
      const [first, second] = ["first", "second"].map((item) => createTask(put(queue, item, log)));
      await sleep(0);
      act(queue, () => first.cancel());
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      if (!second.done() && queue.full()) queue.getNowait();
      await second;
      expect(log).toEqual(["first CancelledError", "put second"]);
      expect(queue.getNowait()).toBe("second");
      expect(queue.empty()).toBe(true);
    }),
  );

  test("tells at once that it is empty or full", () => {
    const queue = new Queue<number>(1);
    expect(() => queue.getNowait()).toThrow(
      new QueueEmpty("Cannot get from Queue: it is empty; get() waits for an item"),
    );
    queue.putNowait(1);
    expect(() => queue.putNowait(2)).toThrow(
      new QueueFull("Cannot put into Queue: it is full, maxsize is 1; put() waits for a place"),
    );
    expect(queue.qsize()).toBe(1);
  });

  test.each([0, -1])("is never full with a maxsize of %s", (maxsize) => {
    const queue = new Queue<number>(maxsize);
    for (let i = 0; i < 3000; i++) queue.putNowait(i);
    expect([queue.full(), queue.qsize(), queue.maxsize]).toEqual([false, 3000, maxsize]);
  });

  test("refuses a maxsize that is no number", () => {
    expect(() => new Queue("2" as never)).toThrow(
      new TypeError("Cannot create Queue: maxsize must be a number, received 2"),
    );
    expect(() => new Queue(NaN)).toThrow(TypeError);
  });

  test("belongs to the loop on which somebody had to wait for it", async () => {
    const queue = new Queue<number>();
    const use = async () => {
      const task = createTask(queue.get());
      await sleep(0);
      queue.putNowait(1);
      return task;
    };
    expect(await run(use())).toBe(1);
    await expect(run(use())).rejects.toThrow("Cannot wait for <Queue maxsize=0 tasks=1>: it is bound to a");
  });

  test("keeps its items in the order of its own that it was given", () => {
    const items: string[] = [];
    const longest = {
      get size() {
        return items.length;
      },
      add: (item: string) => void items.push(item),
      take: () => items.sort((a, b) => a.length - b.length).pop()!,
      [Symbol.iterator]: () => items[Symbol.iterator](),
    };
    const queue = new Queue<string>(0, longest);
    for (const item of ["a", "ccc", "bb"]) queue.putNowait(item);
    expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual(["ccc", "bb", "a"]);
  });

  test("tells its items, its waiters and its state", () =>
    run(async () => {
      const queue = new Queue<string>(1);
      expect(String(queue)).toBe("<Queue maxsize=1>");
      const getters = ["a", "b"].map(() => createTask(queue.get()));
      await sleep(0);
      expect(String(queue)).toBe("<Queue maxsize=1 getters[2]>");
      for (const task of getters) (queue.putNowait("x"), await task);
      const putters = ["y", "z"].map((item) => createTask(queue.put(item)));
      const joiner = createTask(queue.join());
      await sleep(0);
      expect(String(queue)).toBe('<Queue maxsize=1 items=["y"] putters[1] tasks=3>');
      expect(queue.statistics()).toEqual({
        size: 1,
        maxsize: 1,
        unfinished: 3,
        isShutDown: false,
        getters: 0,
        putters: 1,
        joiners: 1,
      });
      expect(Object.isFrozen(queue.statistics())).toBe(true);
      queue.shutdown();
      expect(String(queue)).toBe('<Queue maxsize=1 items=["y"] tasks=3 shutdown>');
      await putters[0];
      await expect(putters[1]).rejects.toBeInstanceOf(QueueShutDown);
      joiner.cancel();
    }));
});

describe("Queue.join", () => {
  test("waits until every item put is marked as done", () =>
    run(async () => {
      const queue = new Queue<number>();
      await queue.join();
      for (let i = 0; i < 2; i++) queue.putNowait(i);
      const joiner = createTask(queue.join());
      for (let i = 0; i < 2; i++) {
        await sleep(0);
        expect(joiner.done()).toBe(false);
        await queue.get();
        queue.taskDone();
      }
      expect(await joiner).toBeUndefined();
    }));

  test("refuses to mark more items as done than were put", () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    queue.taskDone();
    expect(() => queue.taskDone()).toThrow(RuntimeError);
    expect(() => queue.taskDone()).toThrow(
      "Cannot mark an item of Queue as done: taskDone() was called too many times",
    );
  });

  test("can be cancelled", () =>
    run(async () => {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const joiner = createTask(queue.join());
      await sleep(0);
      joiner.cancel();
      await expect(joiner).rejects.toBeInstanceOf(CancelledError);
      expect(queue.statistics().joiners).toBe(0);
    }));
});

describe("Queue.shutdown", () => {
  test("lets the items be taken, and then ends", () =>
    run(async () => {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.shutdown();
      queue.shutdown();
      expect(() => queue.putNowait(2)).toThrow(new QueueShutDown("Cannot put into Queue: it was shut down"));
      expect(await queue.get()).toBe(1);
      await expect((async () => queue.get())()).rejects.toThrow("Cannot get from Queue: it was shut down and is empty");
      expect(() => queue.getNowait()).toThrow(QueueShutDown);
      await expect((async () => queue.put(2))()).rejects.toBeInstanceOf(QueueShutDown);
    }));

  test("wakes everybody who waits: getters see the end, putters are refused", () =>
    run(async () => {
      const [empty, full] = [new Queue<string>(), new Queue<string>(1)];
      const log: string[] = [];
      full.putNowait("x");
      const tasks = [createTask(get(empty, "getter", log)), createTask(put(full, "y", log))];
      await sleep(0);
      empty.shutdown();
      full.shutdown();
      for (const task of tasks) await expect(task).rejects.toBeInstanceOf(QueueShutDown);
      expect(log).toEqual(["getter QueueShutDown", "y QueueShutDown"]);
      expect(full.getNowait()).toBe("x");
    }));

  test("drops the items when it is immediate, and counts them as done", () =>
    run(async () => {
      const queue = new Queue<number>();
      for (let i = 0; i < 3; i++) queue.putNowait(i);
      const inWork = queue.getNowait();
      const joiner = createTask(queue.join());
      queue.shutdown(true);
      expect([inWork, queue.qsize(), queue.statistics().unfinished]).toEqual([0, 0, 1]);
      await sleep(0);
      expect(joiner.done()).toBe(false);
      queue.taskDone();
      await joiner;
    }));

  test("loses nothing when a getter is cancelled together with it", () =>
    run(async () => {
      const queue = new Queue<string>();
      const getter = createTask(queue.get());
      await sleep(0);
      queue.putNowait("x");
      queue.shutdown();
      getter.cancel();
      await expect(getter).rejects.toBeInstanceOf(CancelledError);
      expect(queue.getNowait()).toBe("x");
    }));
});

describe("for await over a queue", () => {
  test("takes items until the queue is shut down and empty", () =>
    run(async () => {
      const queue = new Queue<number>(1);
      const producer = createTask(
        (async () => {
          for (let i = 0; i < 4; i++) await queue.put(i);
          queue.shutdown();
        })(),
      );
      const items: number[] = [];
      for await (const item of queue) {
        expectTypeOf(item).toEqualTypeOf<number>();
        items.push(item);
      }
      expect(items).toEqual([0, 1, 2, 3]);
      await producer;
    }));

  test("ends when the queue is shut down while it waits", () =>
    run(async () => {
      const queue = new Queue<number>();
      const consumer = createTask(
        (async () => {
          for await (const item of queue) return item;
          return "end";
        })(),
      );
      await sleep(0);
      queue.shutdown();
      expect(await consumer).toBe("end");
    }));

  test("loses no item when it is left early", () =>
    run(async () => {
      const queue = new Queue<number>();
      for (let i = 0; i < 3; i++) queue.putNowait(i);
      for await (const item of queue) if (item === 1) break;
      expect(queue.getNowait()).toBe(2);
    }));

  test("loses no item when it is cancelled in the iteration in which one comes", () =>
    run(async () => {
      const queue = new Queue<number>();
      const consumer = createTask(
        (async () => {
          for await (const _ of queue);
        })(),
      );
      await sleep(0);
      queue.putNowait(1);
      consumer.cancel();
      await expect(consumer).rejects.toBeInstanceOf(CancelledError);
      expect(queue.getNowait()).toBe(1);
    }));

  test("shares the items among several loops", () =>
    run(async () => {
      const queue = new Queue<number>();
      const log: string[] = [];
      const consume = async (name: string) => {
        for await (const item of queue) log.push(`${name}${item}`);
      };
      const tasks = ["a", "b"].map((name) => createTask(consume(name)));
      await sleep(0);
      for (let i = 0; i < 4; i++) {
        queue.putNowait(i);
        await sleep(0);
      }
      queue.shutdown();
      for (const task of tasks) await task;
      expect(log).toEqual(["a0", "b1", "a2", "b3"]);
    }));
});
