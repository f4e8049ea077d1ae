import {
  Coroutine,
  type CoroutineState,
  RuntimeError,
  coroutine,
  createTask,
  isAwaitable,
  isCoroutine,
  isCoroutineFunction,
  newEventLoop,
  sleep,
} from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { errorOf, program } from "../../program.ts";

afterEach(() => void vi.restoreAllMocks());

/** As a coroutine to look at, but none. */
const lookalike = {
  send: () => ({ done: true, value: undefined }),
  throw: () => ({ done: true, value: undefined }),
  close: () => {},
  *[Symbol.iterator]() {},
};

class OwnCoroutine extends Coroutine<string> {
  readonly name = "own";
  readonly state: CoroutineState = "created";
  close(): void {}
  throw(error: unknown): never {
    throw error;
  }
  *[Symbol.iterator](): Generator<undefined, string> {
    return "own";
  }
}

test("test_pep492.py::CoroutineTests.test_iscoroutine: what a coroutine function gives is a coroutine, and so is what a class of one's own makes that extends Coroutine; an object that has the same methods is none", () => {
  const compiled = async () => {};
  const co = compiled();
  expect(isCoroutine(co)).toBe(true);
  (co as Coroutine<void>).close();
  expect([new OwnCoroutine(), sleep(1), lookalike].map(isCoroutine)).toEqual([true, true, false]);
  expect(isAwaitable(lookalike)).toBe(false);
});

test("test_pep492.py::CoroutineTests.test_iscoroutine_generator: a generator is no coroutine, an async generator neither", () => {
  const generator = function* () {
    yield;
  };
  const asyncGenerator = async function* () {
    yield 1;
  };
  expect([generator(), asyncGenerator(), Promise.resolve()].map(isCoroutine)).toEqual([false, false, false]);
});

test("test_pep492.py::CoroutineTests.test_iscoroutinefunction: an async function of a compiled file is a coroutine function, as one that coroutine() has made; a plain function and a generator function are none", () => {
  const compiled = async () => {};
  const generator = function* () {};
  const plain = () => compiled();
  expect([compiled, coroutine(generator), generator, plain, undefined].map(isCoroutineFunction)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("test_pep492.py::CoroutineTests.test_async_def_coroutines: a coroutine gives what the coroutine gives that it awaits, in debug mode too", async () => {
  const inner = async () => "spam";
  const outer = async () => await inner();
  expect(await program(() => outer())).toBe("spam");
  expect(await program(() => outer(), { debug: true })).toBe("spam");
});

test("test_pep492.py::CoroutineTests.test_double_await: a coroutine that runs as a task already cannot be awaited, and the task is not disturbed", () =>
  program(
    async () => {
      const resting = async () => {
        await sleep(100);
        return "rested";
      };
      const co = resting();
      const task = createTask(co);
      const awaiting = async () => await co;
      for (const begun of [false, true]) {
        if (begun) await sleep(0);
        const error = await errorOf(awaiting());
        expect(error).toBeInstanceOf(RuntimeError);
        expect((error as RuntimeError).message).toBe(
          'Cannot await coroutine "resting": it has already been awaited; call resting() again for a new one',
        );
      }
      expect(await task).toBe("rested");
    },
    { debug: true },
  ));

test("test_pep492.py::CoroutineTests.test_debug_mode_manages_coroutine_origin_tracking: coroutines note where they are made while an open loop is in debug mode, and no longer when that is over", async () => {
  const warned: string[] = [];
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
  const one = async () => {};
  const two = async () => {};
  const forgetting = async (made: () => PromiseLike<void>) => {
    const co = made();
    // Some turns of the loop later it has been noticed.
    for (let i = 0; i < 4; i++) await sleep(1);
    await co;
  };
  await program(() => forgetting(one));
  expect(warned).toEqual([]);
  await program(() => forgetting(one), { debug: true });
  expect(warned.splice(0)).toEqual([
    expect.stringMatching(/^tsyncio: coroutine "one" was made and not started [\s\S]*made at:\n.*coroutines\.kw/),
  ]);
  // The loop that is in debug mode need not be the one that runs.
  const other = newEventLoop({ host: new VirtualHost() });
  other.setDebug(true);
  await program(() => forgetting(two));
  expect(warned.splice(0)).toEqual([expect.stringContaining('coroutine "two" was made')]);
  other.close();
  await program(() => forgetting(async () => {}));
  expect(warned).toEqual([]);
});
