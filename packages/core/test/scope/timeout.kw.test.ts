import {
  CancelledError,
  type Coroutine,
  DeadlockError,
  Future,
  RuntimeError,
  type Timeout,
  TimeoutError,
  createTask,
  currentTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  timeout,
  timeoutAt,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

/** Runs on a clock that jumps to the next timer. */
const virtually = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

/** A process in which nothing else goes on: it ends when the loop has no turn and no timer. */
class StrandingHost extends VirtualHost {
  #pending = 0;
  #stranded = (): void => {};

  override schedule(turn: () => void): void {
    this.#pending++;
    super.schedule(() => {
      turn();
      if (--this.#pending === 0) this.#stranded();
    });
  }

  override hold(stranded: () => void): () => void {
    this.#stranded = stranded;
    return () => void (this.#stranded = () => {});
  }
}

describe("timeout", () => {
  test("gives what the body gives", () =>
    virtually(async () => {
      expect(await timeout("1s", async () => await sleep(500, "value"))).toBe("value");
      expect(getRunningLoop().time()).toBe(500);
    }));

  test("throws TimeoutError at the deadline, whose cause is the cancellation", () =>
    virtually(async () => {
      const error = (await errorOf(timeout("2s", async () => await sleep("1h")))) as TimeoutError;
      expect(error).toBeInstanceOf(TimeoutError);
      expect([error.code, error.message, error.cause]).toEqual(["TSYNCIO_TIMEOUT", "", expect.any(CancelledError)]);
      expect([getRunningLoop().time(), currentTask()!.cancelling()]).toEqual([2000, 0]);
    }));

  test("the body can move the deadline, nearer and farther, and take it away", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const ends: number[] = [];
      for (const moves of [[500], [4000], [4000, 300], [null, 700], [3000, 2000, 2500]]) {
        const start = loop.time();
        await errorOf(
          timeout(1000, async (limit) => {
            for (const move of moves) limit.reschedule(move === null ? null : start + move);
            await sleep(10_000);
          }),
        );
        ends.push(loop.time() - start);
      }
      expect(ends).toEqual([500, 4000, 300, 700, 2500]);
      await timeout(1000, async (limit) => {
        limit.reschedule(null);
        expect(limit.when()).toBe(null);
        await sleep(10_000);
      });
    }));

  test("has no deadline for null and for Infinity", () =>
    virtually(async () => {
      for (const delay of [null, Infinity]) {
        await timeout(delay, async (limit) => {
          expect(limit.when()).toBe(delay);
          expect(getRunningLoop().statistics().timers).toBe(0);
        });
      }
    }));

  test("leaves no timer behind, whatever way the body ends", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      await timeout("1h", async () => {});
      await errorOf(
        timeout("1h", async (limit) => {
          limit.reschedule(loop.time() + 10_000_000);
          throw new Error("inside");
        }),
      );
      const task = createTask(timeout("1h", async () => await sleep("2h")));
      await sleep(0);
      task.cancel();
      await errorOf(task);
      await sleep(1);
      expect([loop.time(), loop.statistics().timers]).toEqual([1, 0]);
    }));

  test("a timer that was dropped does not put off the notice of a deadlock", async () => {
    const host = new StrandingHost();
    const stuck = run(
      async () => {
        await timeout("20s", async () => await sleep(1));
        await new Future<void>();
      },
      { loopFactory: () => newEventLoop({ host }) },
    );
    await expect(stuck).rejects.toThrow(DeadlockError);
    expect(host.time).toBe(1);
  });

  test("stays a CancelledError when the task was cancelled by somebody else, before or after the deadline", () =>
    virtually(async () => {
      for (const [at, expired] of [
        [500, false],
        [1000, true],
      ] as const) {
        let limit!: Timeout;
        const task = createTask(
          timeout(1000, async (given) => {
            limit = given;
            try {
              await sleep(5000);
            } finally {
              await sleep(10);
            }
          }),
        );
        await sleep(at);
        if (expired) await sleep(5);
        task.cancel("from outside");
        expect(await errorOf(task)).toBeInstanceOf(CancelledError);
        expect([limit.expired(), task.cancelling()]).toEqual([expired, 1]);
      }
    }));

  test("cancelled in the iteration in which the deadline strikes, before and after, throws CancelledError", () =>
    run(async () => {
      for (const order of ["before", "after"]) {
        const loop = getRunningLoop();
        const future = new Future<void>();
        const task = createTask(
          timeout(null, async (limit) => {
            loop.callSoon(() => (order === "before" ? task.cancel() : limit.reschedule(loop.time() - 1)));
            loop.callSoon(() => (order === "before" ? limit.reschedule(loop.time() - 1) : undefined));
            loop.callSoon(() => (order === "before" ? undefined : loop.callSoon(() => task.cancel())));
            await future;
          }),
        );
        expect([order, await errorOf(task)]).toEqual([order, expect.any(CancelledError)]);
        expect(task.cancelled()).toBe(true);
      }
    }));

  test("refuses to be moved before it has begun, after it has struck and when it is over", () =>
    virtually(async () => {
      let kept!: Timeout;
      await errorOf(
        timeout(10, async (limit) => {
          kept = limit;
          try {
            await sleep(5000);
          } finally {
            expect(() => limit.reschedule(null)).toThrow(
              new RuntimeError(
                "Cannot reschedule Timeout: it is expiring; move the deadline while the body runs and before it strikes",
              ),
            );
            expect(String(limit)).toBe("<Timeout [expiring]>");
          }
        }),
      );
      expect(() => kept.reschedule(5)).toThrow("it is expired");
      await timeout(10, async (limit) => {
        kept = limit;
        expect(String(limit)).toMatch(/^<Timeout \[active\] when=\d+>$/);
      });
      expect(() => kept.reschedule(5)).toThrow("it is finished");
      expect([String(kept), kept.expired()]).toEqual(["<Timeout [finished]>", false]);
    }));

  test("throws errors in the arguments at the call, and a missing task when it begins", () =>
    run(async () => {
      expect(() => timeout(NaN, async () => {})).toThrow(RangeError);
      expect(() => timeout("soon" as never, async () => {})).toThrow(TypeError);
      expect(() => timeout(5, undefined as never)).toThrow(
        new TypeError(
          "Cannot run timeout: expected a function as its body, received undefined; write timeout(..., async () => { ... })",
        ),
      );
      expect(() => timeoutAt("1s" as never, async () => {})).toThrow(TypeError);
      const loose = timeout(5, async () => {});
      expect(() => loose.send()).toThrow("Cannot enter Timeout: there is no current task; use it inside a task");
    }));

  test("throws what a body throws that is no coroutine", () =>
    run(async () => {
      const body = (): Promise<void> => {
        throw new Error("at once");
      };
      expect(await errorOf(timeout(5, body))).toEqual(new Error("at once"));
    }));

  test("disarms when its coroutine is closed", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const inner = new Future<void>();
      const guarded = timeout(1000, async () => await inner);
      const task = createTask(guarded);
      await sleep(0);
      guarded.close();
      task.cancel();
      await errorOf(task);
      await sleep(1);
      expect(loop.statistics().timers).toBe(0);
    }));

  test("takes plain deadlines with timeoutAt", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const error = await errorOf(timeoutAt(loop.time() + 250, async () => await sleep(1000)));
      expect([error, loop.time()]).toEqual([expect.any(TimeoutError), 250]);
      expect(await timeoutAt(null, async () => "no limit")).toBe("no limit");
    }));

  test("types its result by the body", () => {
    const types = () => {
      expectTypeOf(timeout(5, async () => 5)).toEqualTypeOf<Coroutine<number>>();
      expectTypeOf(timeout(5, async (limit) => limit)).toEqualTypeOf<Coroutine<Timeout>>();
      expectTypeOf(timeout(5, () => sleep(1, "x"))).toEqualTypeOf<Coroutine<string>>();
      expectTypeOf(
        timeout("5s", function* (limit) {
          return limit.when();
        }),
      ).toEqualTypeOf<Coroutine<number | null>>();
    };
    expect(types).toBeTypeOf("function");
  });
});
