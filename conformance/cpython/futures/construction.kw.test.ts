import { Future, RuntimeError, Task, createTask, isFuture, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_futures.py::BaseFutureTests.test_initial_state: a new future is neither done nor cancelled, and cancel() makes it both", () =>
  program(async () => {
    const future = new Future<number>();
    expect([future.done(), future.cancelled()]).toEqual([false, false]);
    future.cancel();
    expect([future.done(), future.cancelled()]).toEqual([true, true]);
  }));

test("test_futures.py::BaseFutureTests.test_constructor_without_loop: without a running loop, and without one that is given, a future cannot be made", () => {
  expect(() => new Future()).toThrow(
    new RuntimeError(
      "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
    ),
  );
});

test("test_futures.py::BaseFutureTests.test_constructor_use_running_loop: a future that is made in a coroutine belongs to the loop that runs it", () =>
  program(async ({ loop }) => {
    const make = async () => [new Future()];
    const [future] = await createTask(make());
    expect(future.getLoop()).toBe(loop);
  }));

test("test_futures.py::BaseFutureTests.test_constructor_use_global_loop: a future that is made where no loop runs belongs to the loop that it is given, and is awaited there", async () => {
  "native async";
  const loop = newEventLoop();
  const future = new Future<number>({ loop });
  expect(future.getLoop()).toBe(loop);
  loop.callSoon(() => future.setResult(1));
  expect(await loop.runUntilComplete(future)).toBe(1);
  loop.close();
});

test("test_futures.py::BaseFutureTests.test_isfuture: isFuture() says yes to futures, tasks and those of subclasses, and no to classes, to other values and to what has only the methods", () =>
  program(async () => {
    class Reply extends Future<number> {}
    class LooksLikeOne {
      done = () => false;
      cancel = () => true;
      addDoneCallback = () => {};
      then = () => {};
    }
    const futures = [new Future(), new Reply(), createTask(sleep(0))];
    expect(futures.map(isFuture)).toEqual([true, true, true]);
    const others = [Future, Reply, Task, 1, null, undefined, {}, new LooksLikeOne(), Promise.resolve(), sleep(0)];
    expect(others.map(isFuture)).toEqual(others.map(() => false));
    await futures[2];
  }));
