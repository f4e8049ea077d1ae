import {
  CancelledError,
  type Future,
  type GatherOptions,
  createTask,
  eagerTaskFactory,
  ensureFuture,
  gather,
  sleep,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { type Given, program } from "../../program.ts";
import { settled } from "./settled.ts";

const awaiting = async (future: Future<number>): Promise<number> => await future;

/** Runs a test of `gather` for futures, for tasks and for coroutines that wait for them. */
async function forEachKind(
  { loop }: Given,
  expectGathered: (
    futures: Future<number>[],
    kind: (future: Future<number>) => PromiseLike<number>,
  ) => PromiseLike<void>,
): Promise<void> {
  const kinds = [
    (future: Future<number>) => future,
    awaiting,
    (future: Future<number>) => createTask(awaiting(future)),
  ];
  for (const factory of [null, eagerTaskFactory]) {
    loop.setTaskFactory(factory);
    for (const kind of kinds)
      await expectGathered(
        Array.from({ length: 6 }, () => loop.createFuture<number>()),
        kind,
      );
  }
}

/** Gathers, and counts how often the gather says that it is done. */
function gathered<T>(aws: readonly PromiseLike<T>[], options?: GatherOptions): { all: Future<T[]>; calls: unknown[] } {
  const all = options === undefined ? gather(...aws) : gather(aws, options);
  const calls: unknown[] = [];
  all.addDoneCallback((future) => calls.push(future));
  return { all: all as Future<T[]>, calls };
}

async function expectResults(given: Given, options?: GatherOptions): Promise<void> {
  await forEachKind(given, async ([a, b, c], kind) => {
    const { all, calls } = gathered([a, b, c].map(kind), options);
    b.setResult(1);
    a.setResult(2);
    await settled();
    expect([calls.length, all.done()]).toEqual([0, false]);
    c.setResult(3);
    await settled();
    expect(calls.length).toBe(1);
    expect(calls[0]).toBe(all);
    expect(all.result()).toEqual([2, 1, 3]);
  });
}

test("test_tasks.py::GatherTestsBase.test_success: gather() is done when the last of its awaitables is, once, with the results in the order of the arguments", () =>
  program(async (given) => {
    await expectResults(given);
    await expectResults(given, { returnExceptions: false });
  }));

test("test_tasks.py::GatherTestsBase.test_result_exception_success: with returnExceptions gather() gives the same results where nothing fails", () =>
  program((given) => expectResults(given, { returnExceptions: true })));

test("test_tasks.py::GatherTestsBase.test_one_exception: the first error fails the gather at once, and what happens to the other awaitables afterwards changes nothing", () =>
  program((given) =>
    forEachKind(given, async ([a, b, c, d, e], kind) => {
      const { all, calls } = gathered([a, b, c, d, e].map(kind));
      const error = new RangeError("first");
      a.setResult(1);
      b.setException(error);
      await settled();
      expect(all.exception()).toBe(error);
      expect(calls.length).toBe(1);
      expect(calls[0]).toBe(all);
      expect([c.done(), d.done(), e.done()]).toEqual([false, false, false]);
      c.setResult(3);
      d.cancel();
      e.setException(new Error("too late"));
      e.exception();
      await settled();
      expect(all.exception()).toBe(error);
      expect(calls.length).toBe(1);
    }),
  ));

test("test_tasks.py::GatherTestsBase.test_return_exceptions: with returnExceptions errors are results, each in its place, and the gather waits for all", () =>
  program((given) =>
    forEachKind(given, async ([a, b, c, d], kind) => {
      const { all, calls } = gathered([a, b, c, d].map(kind), { returnExceptions: true });
      const [error, another] = [new RangeError("one"), new Error("another")];
      b.setResult(1);
      c.setException(error);
      a.setResult(3);
      await settled();
      expect(all.done()).toBe(false);
      d.setException(another);
      await settled();
      expect(calls.length).toBe(1);
      expect(calls[0]).toBe(all);
      const results: unknown[] = all.result();
      expect(results.slice(0, 2)).toEqual([3, 1]);
      expect(results[2]).toBe(error);
      expect(results[3]).toBe(another);
    }),
  ));

test("test_tasks.py::FutureGatherTests.test_one_cancellation: a cancelled awaitable fails the gather with CancelledError, and the gather itself does not count as cancelled", () =>
  program(async ({ loop }) => {
    const [a, b, c, d, e] = Array.from({ length: 5 }, () => loop.createFuture<number>());
    const { all, calls } = gathered([a, b, c, d, e]);
    a.setResult(1);
    b.cancel("not wanted");
    await settled();
    expect([all.done(), all.cancelled(), calls.length, c.done()]).toEqual([true, false, 1, false]);
    expect(calls[0]).toBe(all);
    expect(all.exception()).toEqual(new CancelledError("not wanted"));
    c.setResult(3);
    d.cancel();
    e.setException(new Error("too late"));
    e.exception();
    await settled();
    expect(calls.length).toBe(1);
  }));

test("test_tasks.py::FutureGatherTests.test_result_exception_one_cancellation: with returnExceptions cancellations are results as well", () =>
  program(async ({ loop }) => {
    const futures = Array.from({ length: 6 }, () => loop.createFuture<number>());
    const [a, b, c, d, e, f] = futures;
    const { all, calls } = gathered(futures, { returnExceptions: true });
    const [error, another] = [new RangeError("one"), new Error("another")];
    a.setResult(1);
    b.setException(error);
    c.cancel();
    await settled();
    expect(all.done()).toBe(false);
    d.setResult(3);
    e.cancel();
    f.setException(another);
    const results: unknown[] = await all;
    expect(results).toEqual([1, error, expect.any(CancelledError), 3, expect.any(CancelledError), another]);
    expect(results[1]).toBe(error);
    expect(results[5]).toBe(another);
    await settled();
    expect(calls.length).toBe(1);
    expect(calls[0]).toBe(all);
  }));

test("test_tasks.py::CoroutineGatherTests.test_duplicate_coroutines: a coroutine that is given several times runs once, and its result stands in each place", () =>
  program(async ({ log }) => {
    const give = async (value: string) => {
      log.push(value);
      return value;
    };
    const abc = give("abc");
    expect(await gather(abc, abc, give("def"), abc)).toEqual(["abc", "abc", "def", "abc"]);
    expect(log).toEqual(["abc", "def"]);
  }));

test("test_tasks.py::CoroutineGatherTests.test_cancellation_broadcast: cancelling who waits for a gather cancels all that it gathers", () =>
  program(async ({ loop, log }) => {
    const gate = loop.createFuture<void>();
    const inner = async () => {
      await gate;
      log.push("inner went on");
    };
    const children = [createTask(inner()), createTask(inner())];
    const all = gather(children);
    const outer = async () => {
      await all;
      log.push("outer went on");
    };
    const task = createTask(outer());
    await settled();
    expect(task.cancel()).toBe(true);
    await wait([task]);
    expect(() => task.result()).toThrow(CancelledError);
    expect(all.cancel()).toBe(false);
    expect([gate, ...children].map((each) => each.cancelled())).toEqual([true, true, true]);
    await settled();
    expect(log).toEqual([]);
  }));

test("test_tasks.py::CoroutineGatherTests.test_exception_marking: an error that comes after the gather has failed counts as read, and is not reported", () =>
  program(async ({ loop }) => {
    const failing = async (gate: Future<void>, name: string) => {
      await gate;
      throw new Error(name);
    };
    const [first, second] = [loop.createFuture<void>(), loop.createFuture<void>()];
    const outer = async () => {
      await gather(failing(first, "first"), failing(second, "second"));
    };
    const task = createTask(outer());
    await settled();
    first.setResult();
    await settled();
    second.setResult();
    await settled();
    expect(task.exception()).toEqual(new Error("first"));
  }));

test("test_tasks.py::CoroutineGatherTests.test_issue46672: a gather that is refused for one argument leaves the coroutines before it running, and nothing is reported", () =>
  program(async ({ log }) => {
    const give = async (value: string) => void log.push(value);
    expect(() => gather(give("abc"), {} as never)).toThrow(
      new TypeError("Cannot await [object Object]: expected a coroutine, a future or a promise"),
    );
    await settled();
    expect(log).toEqual(["abc"]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_gather_1: a gather refuses to be cancelled once all that it gathers is done, and gives its results", () =>
  program(async ({ loop, log }) => {
    const future = loop.createFuture<number>();
    const all = ensureFuture(gather(awaiting(future)));
    await settled();
    future.addDoneCallback(() => log.push(all.done(), all.cancel()));
    future.setResult(42);
    log.push(await all, all.cancelled());
    expect(log).toEqual([false, false, [42], false]);
  }));

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test("test_tasks.py::BaseTaskTests.test_cancel_gather_2: the message of a cancellation comes through gather(), also with returnExceptions, and what is no text is its cause", () =>
  program(async ({ log }) => {
    const repeating = async () => {
      for (;;) await gather([sleep(50)], { returnExceptions: true });
    };
    for (const given of [[], [undefined], ["my message"], [5]]) {
      const task = createTask(repeating());
      await sleep(200);
      task.cancel(...given);
      await wait([task]);
      const error = thrownBy(() => task.result()) as CancelledError;
      expect(error).toBeInstanceOf(CancelledError);
      log.push([error.message, error.cause]);
    }
    expect(log).toEqual([
      ["", undefined],
      ["", undefined],
      ["my message", undefined],
      ["5", 5],
    ]);
  }));
