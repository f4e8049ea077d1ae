import {
  type ExceptionContext,
  Future,
  type Task,
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  shield,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { collectGarbage } from "../../../../test/collect-garbage.ts";

type Main = (heard: readonly ExceptionContext[]) => Generator<any, void, any>;

/** Runs `main`, and gives what the exception handler heard in the meantime and at the end. */
async function hearing(main: Main): Promise<{ meanwhile: string[]; atTheEnd: string[] }> {
  const heard: ExceptionContext[] = [];
  let meanwhile = 0;
  await run(
    coroutine(function* () {
      getRunningLoop().setExceptionHandler((_, context) => void heard.push(context));
      yield* main(heard);
      meanwhile = heard.length;
    }),
  );
  const lines = heard.map(({ message, exception }) => `${message}: ${(exception as Error).message}`);
  return { meanwhile: lines.slice(0, meanwhile), atTheEnd: lines.slice(meanwhile) };
}

const failing = coroutine(function* (message: string) {
  yield* sleep(0);
  throw new Error(message);
});

/** In a function of its own, so that nothing holds what it makes. */
const failAndForget = coroutine(function* (message: string) {
  (() => void createTask(failing(message)))();
  yield* sleep(1);
});

describe("a failure that nobody has read", () => {
  test("is reported when its task is collected", async () => {
    const { meanwhile, atTheEnd } = await hearing(function* (heard) {
      yield* failAndForget("forgotten");
      yield collectGarbage(() => heard.length > 0);
    });
    expect([meanwhile, atTheEnd]).toEqual([["Task exception was never retrieved: forgotten"], []]);
  });

  test("of a future is reported by its class", async () => {
    class Answer extends Future<number> {}
    const { meanwhile } = await hearing(function* (heard) {
      const fail = (future: Future<number>): void => future.setException(new Error("future"));
      fail(new Future());
      yield* sleep(1);
      yield collectGarbage(() => heard.length > 0);
      fail(new Answer());
      yield* sleep(1);
      yield collectGarbage(() => heard.length > 1);
    });
    expect(meanwhile).toEqual([
      "Future exception was never retrieved: future",
      "Answer exception was never retrieved: future",
    ]);
  });

  test("and whose task is held is reported at the end of run(), with the task", async () => {
    const held: { task?: Task; heard?: ExceptionContext[] } = {};
    const { meanwhile, atTheEnd } = await hearing(function* (heard) {
      held.task = createTask(failing("held"), { name: "H" });
      held.heard = heard as ExceptionContext[];
      yield* sleep(1);
      yield collectGarbage(() => false);
    });
    expect([meanwhile, atTheEnd]).toEqual([[], ["Task exception was never retrieved: held"]]);
    expect(held.heard![0].future).toBe(held.task);
  });

  test("is reported once, be it at the collection or at the end", async () => {
    const { meanwhile, atTheEnd } = await hearing(function* (heard) {
      yield* failAndForget("first");
      yield collectGarbage(() => heard.length > 0);
      yield* failAndForget("second");
    });
    expect([...meanwhile, ...atTheEnd]).toEqual([
      "Task exception was never retrieved: first",
      "Task exception was never retrieved: second",
    ]);
    await collectGarbage(() => false);
  });

  test("in the last iteration of main is reported too", async () => {
    const { atTheEnd } = await hearing(function* () {
      createTask(
        coroutine(function* () {
          throw new Error("at the last moment");
        })(),
      );
      yield* sleep(0);
    });
    expect(atTheEnd).toEqual(["Task exception was never retrieved: at the last moment"]);
  });

  const readers: Record<string, (task: Task) => unknown> = {
    "result()": (task) => {
      try {
        task.result();
      } catch {
        // Read.
      }
    },
    "exception()": (task) => task.exception(),
    "cancel() afterwards": (task) => task.cancel(),
    "an await": (task) => errorOf(task),
    "a native await": (task) => task.catch(() => {}),
    "gather with returnExceptions": (task) => gather([task], { returnExceptions: true }),
    "a gather that fails by it": (task) => errorOf(gather(task)),
    "a shield that fails by it": (task) => errorOf(shield(task)),
  };
  const errorOf = coroutine(function* (aw: unknown): Generator<any, any, any> {
    try {
      yield aw;
    } catch (error) {
      return error;
    }
  });
  test.each(Object.keys(readers))("is not reported after %s", async (reader) => {
    const { meanwhile, atTheEnd } = await hearing(function* () {
      const task = createTask(failing("read"));
      yield* sleep(2);
      yield readers[reader](task);
      yield* sleep(1);
    });
    expect([meanwhile, atTheEnd]).toEqual([[], []]);
  });

  test("is reported though a done callback was called that did not read it", async () => {
    const { atTheEnd } = await hearing(function* () {
      createTask(failing("not read")).addDoneCallback((task) => task.done());
      yield* sleep(2);
    });
    expect(atTheEnd).toEqual(["Task exception was never retrieved: not read"]);
  });

  test("on a loop that is closed goes unheard", async () => {
    const heard: unknown[] = [];
    const loop = newEventLoop();
    loop.setExceptionHandler((_, context) => void heard.push(context));
    await loop.runUntilComplete(failAndForget("on a closed loop"));
    loop.close();
    await collectGarbage(() => false);
    expect(heard).toEqual([]);
  });

  test("of one loop is not reported at the end of another", async () => {
    const loop = newEventLoop();
    const task = loop.createTask(failing("of the other loop"));
    const { atTheEnd } = await hearing(function* () {
      yield loop.runUntilComplete(sleep(2));
    });
    expect(atTheEnd).toEqual([]);
    expect((task.exception() as Error).message).toBe("of the other loop");
    loop.close();
  });
});

describe("a task that nobody holds", () => {
  test("is held by its loop until it is done, and not longer", async () => {
    const refs: WeakRef<Task>[] = [];
    await run(
      coroutine(function* () {
        const log: string[] = [];
        const waiting = coroutine(function* (future: Future<void>) {
          yield* future;
          yield* sleep(1);
          log.push("went on");
        });
        const begin = (future: Future<void>): void => void refs.push(new WeakRef(createTask(waiting(future))));
        const future = new Future<void>();
        begin(future);
        // Not even the future is held by anybody but the task.
        begin(new Future());
        yield* sleep(1);
        yield collectGarbage(() => false);
        expect(refs.map((ref) => ref.deref() === undefined)).toEqual([false, false]);
        future.setResult();
        yield* sleep(5);
        expect(log).toEqual(["went on"]);
        yield collectGarbage(() => refs[0].deref() === undefined);
        expect(refs.map((ref) => ref.deref() === undefined)).toEqual([true, false]);
      }),
    );
    await collectGarbage(() => refs[1].deref() === undefined);
    expect(refs[1].deref()).toBe(undefined);
  });

  test("is let go by an abort signal when it is done", async () => {
    const controller = new AbortController();
    const refs: WeakRef<Task>[] = [];
    await run(
      coroutine(function* () {
        const begin = (): void => void refs.push(new WeakRef(createTask(sleep(1), { signal: controller.signal })));
        begin();
        yield* sleep(5);
        yield collectGarbage(() => refs[0].deref() === undefined);
        expect(refs[0].deref()).toBe(undefined);
      }),
    );
    expect(controller.signal.aborted).toBe(false);
  });
});
