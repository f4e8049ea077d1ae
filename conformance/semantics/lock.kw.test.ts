import { Lock, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { iterationsFromHere } from "./iterations.ts";

test("a release looks at the first in line only: when that one is cancelled already, it wakes the next at its own step", () =>
  eitherStart(async ({ log }) => {
    const lock = new Lock();
    let iterations = iterationsFromHere();
    const take = async (name: string): Promise<void> => {
      try {
        using _guard = await lock.acquire();
        log.push(`${name} has it in iteration ${iterations()}`);
      } catch (error) {
        log.push(`${name} is cancelled in iteration ${iterations()}`);
        throw error;
      }
    };
    await lock.acquire();
    const [first, second] = ["first", "second"].map((name) => createTask(take(name)));
    await sleep(0);
    iterations = iterationsFromHere();
    first.cancel();
    lock.release();
    expect(lock.locked()).toBe(false);
    await second;
    expect(log.splice(0)).toEqual(["first is cancelled in iteration 1", "second has it in iteration 2"]);
    expect(first.cancelled()).toBe(true);
  }));
