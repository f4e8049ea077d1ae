import { CancelledError, type Task, createTask, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

class Resource {
  readonly #log: string[];
  readonly #name: string;
  readonly #error: Error | undefined;

  constructor(log: string[], name: string, error?: Error) {
    this.#log = log;
    this.#name = name;
    this.#error = error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#log.push(`closing ${this.#name}`);
    await sleep(0);
    this.#log.push(`closed ${this.#name}`);
    if (this.#error !== undefined) throw this.#error;
  }
}

class Handle {
  readonly #log: string[];
  constructor(log: string[]) {
    this.#log = log;
  }
  [Symbol.dispose](): void {
    this.#log.push("disposed of the handle");
  }
}

describe("await using", () => {
  test("disposes in reverse order when the block is left, and waits for each", () =>
    run(async () => {
      const log: string[] = [];
      {
        await using _a = new Resource(log, "a");
        using _handle = new Handle(log);
        await using _b = new Resource(log, "b");
        log.push("body");
      }
      log.push("after");
      expect(log).toEqual([
        "body",
        "closing b",
        "closed b",
        "disposed of the handle",
        "closing a",
        "closed a",
        "after",
      ]);
    }));

  test("takes null and undefined, and what has only Symbol.dispose", () =>
    run(async () => {
      const log: string[] = [];
      {
        await using nothing = null;
        await using missing = undefined;
        await using handle = new Handle(log);
        expect([nothing, missing, handle instanceof Handle]).toEqual([null, undefined, true]);
      }
      expect(log).toEqual(["disposed of the handle"]);
    }));

  test("refuses what cannot be disposed of, and disposes of what came before", () =>
    run(async () => {
      const log: string[] = [];
      const using = async (value: any): Promise<void> => {
        await using _a = new Resource(log, "a");
        await using _b = value;
        log.push("never");
      };
      for (const value of [{}, 5, { [Symbol.asyncDispose]: 5 }]) {
        expect(await errorOf(using(value))).toBeInstanceOf(TypeError);
        expect(log.splice(0)).toEqual(["closing a", "closed a"]);
      }
      expect((await errorOf(using({}))).message).toBe("Cannot use [object Object]: it has no [Symbol.asyncDispose]()");
    }));

  test("gives the value of the block, after the disposal", () =>
    run(async () => {
      const log: string[] = [];
      const using = async (): Promise<string> => {
        await using _a = new Resource(log, "a");
        return `value after ${log.length} lines`;
      };
      expect(await using()).toBe("value after 0 lines");
      expect(log).toEqual(["closing a", "closed a"]);
    }));

  test("throws the error of the block, of a disposal, or both as SuppressedError", () =>
    run(async () => {
      const log: string[] = [];
      const using = async (errors: readonly (Error | undefined)[], body?: Error): Promise<void> => {
        await using _a = new Resource(log, "a", errors[0]);
        await using _b = new Resource(log, "b", errors[1]);
        if (body !== undefined) throw body;
      };
      const [ofA, ofB, ofBody] = ["a", "b", "body"].map((name) => new Error(name));
      expect(await errorOf(using([], ofBody))).toBe(ofBody);
      expect(await errorOf(using([ofA]))).toBe(ofA);
      const both = await errorOf(using([ofA, ofB]));
      expect([both.name, both.error, both.suppressed]).toEqual(["SuppressedError", ofA, ofB]);
      const all = await errorOf(using([ofA, ofB], ofBody));
      expect([all.error, all.suppressed.error, all.suppressed.suppressed]).toEqual([ofA, ofB, ofBody]);
      expect(all.message).toBe("An error was suppressed during disposal");
      expect(log.filter((line) => line.startsWith("closed")).length).toBe(8);
    }));

  test("in a loop disposes at the end of each round, also on continue and break", () =>
    run(async () => {
      const log: string[] = [];
      for (const name of ["a", "b", "c"]) {
        await using _resource = new Resource(log, name);
        if (name === "a") continue;
        log.push(`body ${name}`);
        if (name === "b") break;
      }
      expect(log).toEqual(["closing a", "closed a", "body b", "closing b", "closed b"]);
    }));

  describe("cancelled", () => {
    const use = async (log: string[]): Promise<void> => {
      await using _a = new Resource(log, "a");
      await using _b = new Resource(log, "b");
      log.push("body");
      await sleep(1000);
    };

    test("in the block disposes of everything, then throws the cancellation", () =>
      run(async () => {
        const log: string[] = [];
        const task = createTask(use(log));
        await sleep(0);
        task.cancel("enough");
        const error = await errorOf(task);
        expect([error.name, error.message]).toEqual(["CancelledError", "enough"]);
        expect(log).toEqual(["body", "closing b", "closed b", "closing a", "closed a"]);
      }));

    test("in a disposal goes on with the next one", () =>
      run(async () => {
        const log: string[] = [];
        const task: Task = createTask(
          (async () => {
            await using _a = new Resource(log, "a");
            await using _b = new Resource(log, "b");
          })(),
        );
        await sleep(0);
        expect(log).toEqual(["closing b"]);
        task.cancel("enough");
        const error = await errorOf(task);
        expect([error.name, error.message]).toEqual(["CancelledError", "enough"]);
        expect(log).toEqual(["closing b", "closing a", "closed a"]);
      }));

    test("twice, in the block and in a disposal, is a cancellation all the same", () =>
      run(async () => {
        const log: string[] = [];
        const task = createTask(use(log));
        await sleep(0);
        task.cancel("first");
        await sleep(0);
        expect(log).toEqual(["body", "closing b"]);
        task.cancel("second");
        const error = await errorOf(task);
        expect(log).toEqual(["body", "closing b", "closing a", "closed a"]);
        expect([error.name, error.message, error.cause.message]).toEqual(["CancelledError", "second", "first"]);
        expect(task.cancelled()).toBe(true);
      }));

    test("in a disposal after an error of the block is a cancellation, whose cause is that error", () =>
      run(async () => {
        const log: string[] = [];
        const task = createTask(
          (async () => {
            await using _a = new Resource(log, "a");
            throw new Error("body");
          })(),
        );
        await sleep(0);
        task.cancel();
        const error = await errorOf(task);
        expect([task.cancelled(), error.cause.message]).toEqual([true, "body"]);
      }));

    test("with an error of a disposal: the task fails with both", () =>
      run(async () => {
        const task = createTask(
          (async () => {
            await using _a = new Resource([], "a", new Error("closing"));
            await sleep(1000);
          })(),
        );
        await sleep(0);
        task.cancel();
        const error = await errorOf(task);
        expect([error.name, error.error.message, error.suppressed]).toEqual([
          "SuppressedError",
          "closing",
          expect.any(CancelledError),
        ]);
        expect(task.cancelled()).toBe(false);
      }));
  });

  test("a resource may be disposed of by a coroutine method of a class, and by a plain function", () =>
    run(async () => {
      const log: string[] = [];
      {
        await using _plain = { [Symbol.asyncDispose]: () => (log.push("plain"), sleep(0)) as never };
        await using _promise = {
          [Symbol.asyncDispose]: () => Promise.resolve().then(() => void log.push("promise")),
        };
      }
      expect(log).toEqual(["promise", "plain"]);
    }));
});
