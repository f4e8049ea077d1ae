import { BoundedSemaphore, Condition, Lock, Semaphore, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { errorOf } from "../../program.ts";

test("test_pep492.py::LockTests.test_context_manager_async_with: a lock, condition or semaphore that is acquired with using is held to the end of the block, across waits, and is free after it", () =>
  eitherStart(async ({ log }) => {
    for (const primitive of [new Lock(), new Condition(), new Semaphore(), new BoundedSemaphore()]) {
      const scoped = async () => {
        await sleep(10);
        log.push(primitive.locked());
        {
          using _guard = await primitive.acquire();
          log.push(primitive.locked());
          await sleep(10);
          log.push(primitive.locked());
        }
        log.push(primitive.locked());
      };
      await scoped();
      expect(log.splice(0)).toEqual([false, true, true, false]);
      const failing = async () => {
        using _guard = await primitive.acquire();
        throw new RangeError("inside");
      };
      log.push(String(await errorOf(failing())), primitive.locked());
      expect(log.splice(0)).toEqual(["RangeError: inside", false]);
    }
  }));
