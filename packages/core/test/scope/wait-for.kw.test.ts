import {
  CancelledError,
  Event,
  Future,
  Queue,
  TimeoutError,
  createTask,
  currentTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  waitFor,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

const virtually = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

describe("waitFor", () => {
  test("gives the result of what is in time, and throws TimeoutError for what is not", () =>
    virtually(async () => {
      expect(await waitFor(sleep(5, "value"), 10)).toBe("value");
      const error = (await errorOf(waitFor(sleep(50), "10ms"))) as Error;
      expect([error, error.cause]).toEqual([expect.any(TimeoutError), expect.any(CancelledError)]);
      expect([getRunningLoop().time(), currentTask()!.cancelling()]).toEqual([15, 0]);
    }));

  test("adopts promises", () =>
    run(async () => {
      expect(await waitFor(Promise.resolve("promised"), 1000)).toBe("promised");
      expect(await errorOf(waitFor(new Promise(() => {}), 1))).toBeInstanceOf(TimeoutError);
    }));

  test("loses no item of a queue to a deadline that strikes in the iteration in which the item comes", () =>
    run(async () => {
      for (let round = 0; round < 2; round++) {
        const queue = new Queue<string>();
        const loop = getRunningLoop();
        const getter = createTask(waitFor(queue.get(), 1));
        await sleep(0);
        // The deadline has passed by the next iteration, and the item is there as well.
        const end = loop.time() + 2;
        while (loop.time() < end);
        if (round === 0) queue.putNowait("item");
        else loop.callSoon(() => queue.putNowait("item"));
        const error = await errorOf(getter);
        expect(error === null ? getter.result() : await waitFor(queue.get(), 100)).toBe("item");
      }
    }));

  test("cancelled in the iteration in which the awaited task ends, throws, and the task keeps its result", () =>
    run(async () => {
      for (const hops of [1, 2, 3]) {
        const event = new Event();
        const inner = createTask(
          (async () => {
            await event.wait();
            return "kept";
          })(),
        );
        const outer = createTask(waitFor(inner, 1000));
        await sleep(0);
        event.set();
        for (let i = 1; i < hops; i++) await sleep(0);
        const accepted = outer.cancel();
        for (let i = 0; i < 4; i++) await sleep(0);
        expect([hops, outer.cancelled(), inner.cancelled()]).toEqual([hops, accepted, hops === 1]);
      }
    }));

  test("cancelled while it waits for what the deadline has cancelled, does not wait longer", () =>
    run(async () => {
      const stubborn = createTask(
        (async () => {
          try {
            await sleep(1000);
          } finally {
            await sleep(1000);
          }
        })(),
      );
      await sleep(0);
      const outer = createTask(waitFor(stubborn, 0));
      await sleep(0);
      expect([stubborn.cancelling(), outer.done()]).toEqual([1, false]);
      outer.cancel();
      await sleep(0);
      expect([outer.cancelled(), stubborn.done(), stubborn.cancelling()]).toEqual([true, false, 1]);
      expect(stubborn.listeners).toBeUndefined();
      stubborn.cancel();
    }));

  test("is lazy, and checks its arguments at the call", () =>
    run(async () => {
      const future = new Future<void>();
      const waiting = waitFor(future, 0);
      expect([waiting.name, waiting.state, future.cancelled()]).toEqual(["waitFor", "created", false]);
      expect(await errorOf(waiting)).toBeInstanceOf(TimeoutError);
      expect(() => waitFor(future, NaN)).toThrow(RangeError);
      expect(await errorOf(waitFor(5 as never, 0))).toBeInstanceOf(TypeError);
    }));
});
