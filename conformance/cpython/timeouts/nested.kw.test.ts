import { CancelledError, type Timeout, TimeoutError, currentTask, sleep, timeout, timeoutAt } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_timeouts.py::TimeoutTests.test_nested_timeouts: of nested timeouts that expire together only the outermost throws TimeoutError", () =>
  program(async ({ loop, log }) => {
    const deadline = loop.time() + 10;
    const limits: Timeout[] = [];
    const error = await thrownBy(
      timeoutAt(deadline, async (outer) => {
        limits.push(outer);
        try {
          await timeoutAt(deadline, async (inner) => {
            limits.push(inner);
            await sleep(10_000);
          });
        } catch (inside) {
          log.push(inside);
          throw inside;
        }
      }),
    );
    expect(log).toEqual([expect.any(CancelledError)]);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).cause).toBe(log[0]);
    expect(limits.map((limit) => limit.expired())).toEqual([true, true]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("test_timeouts.py::TimeoutTests.test_nested_timeouts_concurrent: an outer timeout that expires while the body keeps the loop busy throws, and the longer one inside does not", async () => {
  const host = new VirtualHost();
  await program(
    async ({ loop, log }) => {
      const limits: Timeout[] = [];
      const error = await thrownBy(
        timeout(2, async (outer) => {
          limits.push(outer);
          const inside = await thrownBy(
            timeout(100, async (inner) => {
              limits.push(inner);
              host.time += 10;
              await sleep(1000);
            }),
          );
          log.push((inside as Error).name);
          throw inside;
        }),
      );
      expect(error).toBeInstanceOf(TimeoutError);
      expect(log).toEqual(["CancelledError"]);
      expect(limits.map((limit) => limit.expired())).toEqual([true, false]);
      expect([loop.time(), currentTask()!.cancelling()]).toEqual([10, 0]);
    },
    { host },
  );
});

test("test_timeouts.py::TimeoutTests.test_nested_timeouts_loop_busy: after an inner timeout that expired late the outer one still stops what follows; when both are due they strike together", async () => {
  for (const [busy, seen] of [
    [90, ["TimeoutError at 90", "CancelledError at 100"]],
    [100, ["CancelledError at 100"]],
  ] as const) {
    const host = new VirtualHost();
    await program(
      async ({ loop, log }) => {
        const noted = async (aw: PromiseLike<void>) => {
          const error = (await thrownBy(aw)) as Error;
          log.push(`${error.name} at ${loop.time()}`);
          return error;
        };
        const error = await thrownBy(
          timeout(100, async () => {
            const inside = await noted(
              timeout(10, async () => {
                host.time += busy;
                await sleep(1000);
              }),
            );
            if (!(inside instanceof TimeoutError)) throw inside;
            throw await noted(sleep(10_000));
          }),
        );
        expect(error).toBeInstanceOf(TimeoutError);
        expect(log).toEqual(seen);
        expect(currentTask()!.cancelling()).toBe(0);
      },
      { host },
    );
  }
});

test("test_timeouts.py::TimeoutTests.test_nested_timeout_in_finally: a timeout in the cleanup of one that has expired throws its own TimeoutError, and each has a CancelledError of its own as its cause", () =>
  program(async ({ loop, log }) => {
    const outer = (await thrownBy(
      timeout(10, async () => {
        try {
          await sleep(1000);
        } finally {
          log.push(await thrownBy(timeout(10, async () => await sleep(10_000))), loop.time());
        }
      }),
    )) as TimeoutError;
    const [inner, at] = log as [TimeoutError, number];
    expect([inner, outer]).toEqual([expect.any(TimeoutError), expect.any(TimeoutError)]);
    const causes = [inner.cause, outer.cause] as Error[];
    expect(causes).toEqual([expect.any(CancelledError), expect.any(CancelledError)]);
    expect(causes[0]).not.toBe(causes[1]);
    expect(causes.map(({ cause }) => cause)).toEqual([undefined, undefined]);
    expect([at, loop.time(), currentTask()!.cancelling()]).toEqual([20, 20, 0]);
  }));
