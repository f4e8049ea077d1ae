import { Condition, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

async function waits(condition: Condition, log: unknown[], name: string): Promise<void> {
  using _guard = await condition.acquire();
  await condition.wait();
  log.push(name);
}

test("notify() wakes as many as it is told, none for zero, all there are for too many", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    for (const name of ["a", "b", "c"]) createTask(waits(condition, log, name));
    await sleep(0);
    for (const count of [0, 2, 10]) {
      {
        using _guard = await condition.acquire();
        condition.notify(count);
      }
      await giveWay(4);
      log.push(`after notify(${count})`);
    }
    expect(log).toEqual(["after notify(0)", "a", "b", "after notify(2)", "c", "after notify(10)"]);
  }));

test("who notifies keeps the lock; who is notified stands in line for it, behind those who were there before", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const acquires = async (): Promise<void> => {
      using _guard = await condition.acquire();
      log.push("stood in line before");
    };
    const notified = createTask(waits(condition, log, "was notified"));
    await sleep(0);
    await condition.acquire();
    createTask(acquires());
    await sleep(0);
    condition.notify();
    log.push(condition.locked());
    await sleep(0);
    condition.release();
    await notified;
    expect(log).toEqual([true, "stood in line before", "was notified"]);
  }));
