import { CancelledError, ExceptionGroup, type TaskGroup, createTask, currentTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../either-start.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

test("a task group whose parent is cancelled while it waits throws that CancelledError; its tasks are cancelled without a message", () =>
  eitherStart(async ({ log }) => {
    const child = async (): Promise<void> => {
      log.push(await thrownBy(sleep(10_000)));
    };
    const parent = createTask(taskGroup(async (tg) => void tg.createTask(child())));
    await giveWay(2);
    parent.cancel("the group");
    expect(await thrownBy(parent)).toEqual(new CancelledError("the group"));
    expect(log.splice(0)).toEqual([new CancelledError()]);
  }));

test("a task of a group may make another one while the group waits for its end", () =>
  eitherStart(async ({ log }) => {
    const second = async (): Promise<void> => {
      await sleep(0);
      log.push("second");
    };
    const first = async (tg: TaskGroup): Promise<void> => {
      await giveWay(2);
      tg.createTask(second());
      log.push("first");
    };
    await taskGroup(async (tg) => void tg.createTask(first(tg)));
    log.push("end");
    expect(log.splice(0)).toEqual(["first", "second", "end"]);
  }));

test("cancelling the parent again and again hurries nothing: its tasks are asked once, the first CancelledError comes at their end, and every request counts", () =>
  eitherStart(async ({ log }) => {
    const child = async (): Promise<void> => {
      await thrownBy(sleep(10_000));
      log.push("asked");
      await giveWay(8);
      log.push("child ends");
    };
    const grouped = async (): Promise<void> => {
      try {
        await taskGroup(async (tg) => void tg.createTask(child()));
      } catch (error) {
        log.push(error, currentTask()!.cancelling());
        throw error;
      }
    };
    const parent = createTask(grouped());
    await giveWay(2);
    for (const message of ["one", "two", "three"]) {
      parent.cancel(message);
      await giveWay(2);
    }
    expect(await thrownBy(parent)).toEqual(new CancelledError("one"));
    expect(log.splice(0)).toEqual(["asked", "child ends", new CancelledError("one"), 3]);
  }));

test("the group of errors that a task group throws holds the very errors, and has no cause", () =>
  eitherStart(async () => {
    const thrown = new RangeError("of the task");
    const failing = async (): Promise<never> => {
      await sleep(0);
      throw thrown;
    };
    const own = new RangeError("of the body");
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(failing());
        await thrownBy(sleep(10_000));
        throw own;
      }),
    );
    expect(error).toBeInstanceOf(ExceptionGroup);
    const { errors, cause } = error as ExceptionGroup;
    expect([errors[0] === thrown, errors[1] === own, errors.length, cause]).toEqual([true, true, 2, undefined]);
  }));
