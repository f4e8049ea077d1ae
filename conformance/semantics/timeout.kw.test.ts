import { CancelledError, TimeoutError, type Timeout, createTask, currentTask, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

test("a cancellation from elsewhere between the deadline and the end of the body wins: CancelledError, expired, and its request stays", () =>
  eitherStart(async ({ log }) => {
    const limited = async (): Promise<void> => {
      let limit!: Timeout;
      try {
        await timeout(0, async (given) => {
          limit = given;
          try {
            await sleep(10_000);
          } finally {
            await giveWay(5);
          }
        });
      } catch (error) {
        log.push(error, limit.expired(), currentTask()!.cancelling());
        throw error;
      }
    };
    const task = createTask(limited());
    await giveWay(4);
    task.cancel("from elsewhere");
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect(log.splice(0)).toEqual([new CancelledError("from elsewhere"), true, 1]);
    expect([task.cancelled(), task.cancelling()]).toEqual([true, 1]);
  }));

test("a body that swallows the cancellation of its timeout gives its value, though the time was up; nothing is left of it", () =>
  program(async () => {
    let limit!: Timeout;
    const value = await timeout(0, async (given) => {
      limit = given;
      expect(await thrownBy(sleep(10_000))).toBeInstanceOf(CancelledError);
      await sleep(0);
      return "all the same";
    });
    expect([value, limit.expired(), String(limit)]).toEqual(["all the same", true, "<Timeout [expired]>"]);
    expect(currentTask()!.cancelling()).toBe(0);
    await sleep(0);
  }));

test("of nested timeouts the inner one may strike first and be caught; the outer one strikes later all the same", () =>
  program(async ({ log }) => {
    const outerError = await thrownBy(
      timeout(30, async (outer) => {
        let inner!: Timeout;
        const innerError = await thrownBy(timeout(10, async (given) => ((inner = given), await sleep("1h"))));
        log.push(innerError, inner.expired(), outer.expired(), currentTask()!.cancelling());
        await sleep("1h");
      }),
    );
    log.push(outerError, currentTask()!.cancelling());
    expect(log).toEqual([new TimeoutError(), true, false, 0, new TimeoutError(), 0]);
  }));

test("the deadline of a timeout can be read after it has struck, and does not change by that", () =>
  program(async ({ loop }) => {
    let limit!: Timeout;
    const begin = loop.time();
    const limited = timeout(10, async (given) => {
      limit = given;
      await sleep("1h");
    });
    expect(await thrownBy(limited)).toBeInstanceOf(TimeoutError);
    expect([limit.when(), limit.expired()]).toEqual([begin + 10, true]);
  }));
