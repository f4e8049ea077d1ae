import {
  CancelledError,
  type ExceptionGroup,
  RuntimeError,
  type Started,
  type Task,
  type TaskGroup,
  createTask,
  currentTask,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

describe("tg.start", () => {
  test("waits until the task says that it is ready, and gives what it says", () =>
    run(async () => {
      const log: string[] = [];
      await taskGroup(async (tg) => {
        const port = await tg.start(
          async (started: Started<number>) => {
            log.push(`in ${currentTask()!.getName()}`);
            await sleep(0);
            started(8080);
            await sleep(0);
            log.push("over");
          },
          { name: "server" },
        );
        expectTypeOf(port).toEqualTypeOf<number>();
        log.push(`ready ${port}`);
        await tg.start(async (started) => started());
      });
      expect(log).toEqual(["in server", "ready 8080", "over"]);
    }));

  test("throws what the task throws before it is ready; the group does not fail by it", () =>
    run(async () => {
      await taskGroup(async (tg) => {
        const sibling = tg.createTask(sleep(1, "sibling"));
        const failing = async () => {
          await sleep(0);
          throw new Error("no port");
        };
        expect(await errorOf(tg.start(failing))).toEqual(new Error("no port"));
        expect(await errorOf(tg.start(() => Promise.reject(new Error("native"))))).toEqual(new Error("native"));
        expect(await sibling).toBe("sibling");
      });
    }));

  test("fails the group when the task throws after it was ready", () =>
    run(async () => {
      const error = (await errorOf(
        taskGroup(async (tg) => {
          await tg.start(async (started) => {
            started();
            throw new Error("later");
          });
          await sleep(1000);
        }),
      )) as ExceptionGroup;
      expect(error.errors).toEqual([new Error("later")]);
    }));

  test("throws RuntimeError when the task ends without being ready, CancelledError when it is cancelled", () =>
    run(async () => {
      await taskGroup(async (tg) => {
        expect(await errorOf(tg.start(async () => {}, { name: "silent" }))).toEqual(
          new RuntimeError("Cannot start silent: it ended without calling started()"),
        );
        const suicide = async () => {
          currentTask()!.cancel();
          await sleep(0);
        };
        expect(await errorOf(tg.start(suicide))).toBeInstanceOf(CancelledError);
        expect(currentTask()!.cancelling()).toBe(0);
      });
    }));

  test("refuses a second started()", () =>
    run(async () => {
      const error = (await errorOf(
        taskGroup(async (tg) => {
          await tg.start(async (started) => {
            started();
            started();
          });
          await sleep(1000);
        }),
      )) as ExceptionGroup;
      expect(error.errors).toEqual([new RuntimeError("Cannot report started: started() has already been called")]);
    }));

  test("cancelled at any moment, cancels the task and waits for it, however often", () =>
    run(async () => {
      for (let hops = 1; hops < 8; hops++) {
        const log: string[] = [];
        let group!: TaskGroup;
        let starter!: Task<unknown>;
        const parent = createTask(
          taskGroup(async (tg) => {
            group = tg;
            starter = createTask(
              tg.start(async (started: Started<void>) => {
                log.push("begun");
                try {
                  for (let i = 0; i < 3; i++) await sleep(0);
                  started();
                  await sleep(1000);
                } finally {
                  for (let i = 0; i < 4; i++) await sleep(0);
                  log.push("over");
                }
              }),
            );
            await errorOf(starter);
          }),
        );
        for (let i = 0; i < hops; i++) await sleep(0);
        const accepted = starter?.cancel();
        await sleep(0);
        starter?.cancel();
        for (let i = 0; i < 12; i++) await sleep(0);
        await parent;
        expect([hops, starter.cancelled()]).toEqual([hops, accepted]);
        // The task has ended with start(), unless it was not even made.
        expect(log.includes("over")).toBe(log.length > 0);
        expect(group.tasks.size).toBe(0);
      }
    }));

  test("needs an open group and a function", () =>
    run(async () => {
      let kept!: TaskGroup;
      await taskGroup(async (tg) => void (kept = tg));
      expect(await errorOf(kept.start(async function serve() {}))).toMatchObject({
        message: 'Cannot create task "serve" in a finished TaskGroup: create tasks before its body returns',
      });
      expect(() => kept.start(5 as never)).toThrow(TypeError);
    }));
});
