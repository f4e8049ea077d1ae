import {
  CancelledError,
  Future,
  RuntimeError,
  ensureFuture,
  fromPromise,
  isFuture,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { ExecutorInPlace } from "../../executor-in-place.ts";
import { errorOf, program } from "../../program.ts";

/** What has only `then`, as the promises of other libraries. */
class Thenable {
  settle: (value: string) => void = () => {};
  readonly #settled = new Promise<string>((resolve) => (this.settle = resolve));

  // oxlint-disable-next-line unicorn/no-thenable -- what is adopted here
  then<A = string, B = never>(
    onFulfilled?: ((value: string) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled.then(onFulfilled, onRejected);
  }
}

test("test_futures.py::DuckTests.test_ensure_future: ensureFuture() gives a future of a subclass as it is, and a future of its own for what only has then()", () =>
  program(async ({ loop, log }) => {
    class Reply extends Future<string> {}
    const reply = new Reply();
    expect(ensureFuture(reply)).toBe(reply);
    const thenable = new Thenable();
    const future = ensureFuture(thenable);
    expect([isFuture(thenable), isFuture(future)]).toEqual([false, true]);
    future.addDoneCallback((done) => log.push(done.result()));
    loop.callLater(5, () => thenable.settle("settled"));
    expect(await future).toBe("settled");
    expect(log).toEqual(["settled"]);
  }));

test("test_futures.py::DuckTests.test_wrap_future: what only has then() is awaited as it is, by any number of tasks", () =>
  program(async ({ loop }) => {
    const thenable = new Thenable();
    const waiting = async () => `got ${await thenable}`;
    const tasks = [loop.createTask(waiting()), loop.createTask(waiting())];
    await sleep(0);
    thenable.settle("it");
    expect([await tasks[0], await tasks[1]]).toEqual(["got it", "got it"]);
  }));

test("test_futures.py::BaseFutureTests.test_wrap_future_future: ensureFuture() gives a future of this loop as it is, pending or done", () =>
  program(async ({ loop }) => {
    const future = new Future<number>();
    expect(ensureFuture(future)).toBe(future);
    expect(ensureFuture(future, { loop })).toBe(future);
    future.setResult(1);
    expect(ensureFuture(future)).toBe(future);
  }));

test("test_futures.py::BaseFutureTests.test_wrap_future: what an executor gives becomes a future of the loop, with the result of the function", () =>
  program(async ({ loop, log }) => {
    const running = (text: string) => {
      log.push("ran");
      return text;
    };
    const future = ensureFuture(new ExecutorInPlace().submit(running, "oi"), { loop });
    log.push("submitted");
    expect([isFuture(future), future.done()]).toEqual([true, false]);
    expect(await future).toBe("oi");
    expect(log).toEqual(["submitted", "ran"]);
  }));

test("test_futures.py::BaseFutureTests.test_wrap_future_without_loop: what an executor gives cannot become a future without a running loop, and without one that is given", async () => {
  "native async";
  const submitted = new ExecutorInPlace().submit(() => "oi");
  expect(() => ensureFuture(submitted)).toThrow(
    new RuntimeError(
      "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
    ),
  );
  expect(await submitted).toBe("oi");
});

test("test_futures.py::BaseFutureTests.test_wrap_future_use_running_loop: in a coroutine, what an executor gives becomes a future of the loop that runs it", () =>
  program(async ({ loop }) => {
    const future = ensureFuture(new ExecutorInPlace().submit(() => "oi"));
    expect(future.getLoop()).toBe(loop);
    expect(await future).toBe("oi");
  }));

test("test_futures.py::BaseFutureTests.test_wrap_future_use_global_loop: where no loop runs, what an executor gives becomes a future of the loop that is given", async () => {
  "native async";
  const loop = newEventLoop();
  const future = ensureFuture(
    new ExecutorInPlace().submit(() => "oi"),
    { loop },
  );
  expect(future.getLoop()).toBe(loop);
  expect(await loop.runUntilComplete(future)).toBe("oi");
  loop.close();
});

test("test_futures.py::BaseFutureTests.test_wrap_future_cancel: cancelling the future aborts the foreign work that it stands for", () =>
  program(async ({ log }) => {
    const working = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          log.push("aborted");
          reject(new Error("aborted"));
        });
      });
    const future = ensureFuture(fromPromise(working));
    await sleep(0);
    expect(future.cancel()).toBe(true);
    expect(log).toEqual(["aborted"]);
    expect(await errorOf(future)).toBeInstanceOf(CancelledError);
    expect(future.cancelled()).toBe(true);
  }));

test("test_futures.py::BaseFutureTests.test_wrap_future_cancel2: cancelling the future of work that has ended cancels the future alone; the work keeps its result", () =>
  program(async () => {
    const work = Promise.resolve(42);
    for (const begun of [false, true]) {
      const future = ensureFuture(work);
      if (begun) await sleep(0);
      expect(future.cancel()).toBe(true);
      expect(await errorOf(future)).toBeInstanceOf(CancelledError);
      expect(future.cancelled()).toBe(true);
      expect(await work).toBe(42);
    }
  }));
