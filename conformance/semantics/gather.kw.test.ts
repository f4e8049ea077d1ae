import { CancelledError, Future, createTask, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

test("gather() of something that cannot be awaited throws at the call, and the children that were made before go on", () =>
  program(async ({ log }) => {
    const child = async (): Promise<void> => {
      await sleep(0);
      log.push("the child ran");
    };
    expect(() => gather([child(), 5 as never])).toThrow(
      new TypeError("Cannot await 5: expected a coroutine, a future or a promise"),
    );
    await giveWay(4);
    expect(log).toEqual(["the child ran"]);
  }));

test("with returnExceptions, a cancelled future comes as a new CancelledError with its message, a cancelled task as one without", () =>
  eitherStart(async () => {
    const future = new Future<void>();
    const task = createTask(sleep(10_000));
    const cancelsItself = createTask(
      (async () => {
        await sleep(0);
        throw new CancelledError("its own");
      })(),
    );
    const all = gather([future, task, cancelsItself], { returnExceptions: true });
    await sleep(0);
    future.cancel("of the future");
    task.cancel("of the task");
    const results: unknown[] = await all;
    expect(results).toEqual([new CancelledError("of the future"), new CancelledError(), new CancelledError()]);
    const own = [await thrownBy(future), await thrownBy(task), await thrownBy(cancelsItself)];
    expect(own).toEqual([
      new CancelledError("of the future"),
      new CancelledError("of the task"),
      new CancelledError("its own"),
    ]);
    expect(results.filter((result) => own.includes(result))).toEqual([]);
  }));

test.each([false, true])(
  "a gather that is asked to cancel throws CancelledError though all children swallow it, returnExceptions: %s",
  (returnExceptions) =>
    eitherStart(async ({ log }) => {
      const swallowing = async (name: string): Promise<string> => {
        try {
          return await sleep(10_000, name);
        } catch {
          log.push(name);
          return name;
        }
      };
      const all = gather([swallowing("a"), swallowing("b")], { returnExceptions });
      await sleep(0);
      expect([all.cancel("why"), all.done()]).toEqual([true, false]);
      expect(await thrownBy(all)).toEqual(new CancelledError());
      expect(log.splice(0)).toEqual(["a", "b"]);
      expect([all.done(), all.cancelled()]).toEqual([true, false]);
    }),
);

test("a gather that is asked to cancel throws the CancelledError of the last of its arguments with returnExceptions, else of the first child that ends", () =>
  eitherStart(async () => {
    const child = async (name: string, iterations: number): Promise<void> => {
      try {
        await sleep(10_000);
      } catch {
        await giveWay(iterations);
        throw new CancelledError(name);
      }
    };
    for (const [returnExceptions, message] of [
      [true, "third"],
      [false, "second"],
    ] as const) {
      const all = gather([child("first", 5), child("second", 0), child("third", 2)], { returnExceptions });
      await sleep(0);
      all.cancel("why");
      expect(await thrownBy(all)).toEqual(new CancelledError(message));
      await giveWay(6);
    }
  }));

test("a gather with returnExceptions that is asked to cancel reads the errors that children throw meanwhile: nobody hears of them", () =>
  eitherStart(async () => {
    const failing = async (): Promise<void> => {
      await thrownBy(sleep(10_000));
      throw new RangeError("in its cleanup");
    };
    const all = gather([failing(), sleep(10_000)], { returnExceptions: true });
    await sleep(0);
    all.cancel("why");
    // `program` expects that the exception handler has heard nothing when the loop is closed.
    expect(await thrownBy(all)).toEqual(new CancelledError("why"));
  }));

test("a gather that has failed is no longer to be cancelled: the other children go on", () =>
  eitherStart(async () => {
    const slow = createTask(sleep(10, "slow"));
    const failing = async (): Promise<never> => {
      await sleep(0);
      throw new RangeError("at once");
    };
    const all = gather(failing(), slow);
    expect(await thrownBy(all)).toEqual(new RangeError("at once"));
    expect([all.cancel(), slow.cancelling()]).toEqual([false, 0]);
    expect(await slow).toBe("slow");
  }));
