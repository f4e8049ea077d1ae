import {
  type AsCompletedOptions,
  type Awaitable,
  type Coroutine,
  type Future,
  Task,
  TimeoutError,
  asCompleted,
  createTask,
  ensureFuture,
  sleep,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { program } from "../../program.ts";
import { expectNoLoop } from "./no-loop.ts";

type Strings = Iterable<Awaitable<string>>;

async function resultsByFor(aws: Strings, options?: AsCompletedOptions): Promise<string[]> {
  const results: string[] = [];
  for (const next of asCompleted(aws, options)) results.push(await next);
  return results;
}

async function resultsByForAwait(aws: Strings, options?: AsCompletedOptions): Promise<string[]> {
  const results: string[] = [];
  for await (const task of asCompleted(aws, options)) results.push(await task);
  return results;
}

const give = async (value: string) => value;

test("test_tasks.py::BaseTaskTests.test_as_completed: asCompleted() gives results in the order in which they come, in both loops, also when the program is late to look", async () => {
  "native async";
  for (const results of [resultsByFor, resultsByForAwait]) {
    const host = new VirtualHost();
    await program(({ loop }) => expectInOrderOfTime(results, host, () => loop.time()), { host });
  }
});

async function expectInOrderOfTime(results: typeof resultsByFor, host: VirtualHost, time: () => number): Promise<void> {
  const completed = new Set<string>();
  const sleeper = async (delay: number, name: string) => {
    await sleep(delay);
    completed.add(name);
    // As if it computed all the time that is left.
    if (completed.size === 2) host.time += 140;
    return name;
  };
  expect(await results([sleeper(10, "b"), sleeper(150, "c"), sleeper(10, "a")])).toEqual(["b", "a", "c"]);
  expect(time()).toBe(150);
}

test("test_tasks.py::BaseTaskTests.test_as_completed_same_tasks_in_as_out: `for await` gives the very tasks that were passed, and for coroutines the tasks that were made of them", () =>
  program(async () => {
    const itemsOf = async (aws: readonly Awaitable<string>[]) => {
      const items = new Set<unknown>();
      for await (const item of asCompleted(aws)) items.add(item);
      return items;
    };
    const coroutines = ["0", "1", "2", "3"].map(give);
    const fromCoroutines = await itemsOf(coroutines);
    expect([...fromCoroutines].every((item) => item instanceof Task)).toBe(true);
    expect(fromCoroutines.size).toBe(4);

    const [b, d] = [createTask(give("b")), createTask(give("d"))];
    const given = [give("a"), b, give("c"), d];
    const items = await itemsOf(given);
    expect(items.size).toBe(4);
    expect(given.map((each) => items.has(each))).toEqual([false, true, false, true]);
  }));

async function outcomesByFor(tasks: readonly Task<string>[], host: VirtualHost): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const next of asCompleted(tasks, { timeout: 120 })) {
    if (outcomes.length > 0) host.time += 20;
    try {
      outcomes.push(await next);
    } catch (error) {
      outcomes.push(error);
    }
  }
  return outcomes;
}

async function outcomesByForAwait(tasks: readonly Task<string>[], host: VirtualHost): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  try {
    for await (const task of asCompleted(tasks, { timeout: 120 })) {
      outcomes.push(await task);
      host.time += 20;
    }
  } catch (error) {
    outcomes.push(error);
  }
  return outcomes;
}

test("test_tasks.py::BaseTaskTests.test_as_completed_with_timeout: after its timeout asCompleted() throws TimeoutError for what is not done, in both loops, and the task goes on", async () => {
  "native async";
  for (const outcomes of [outcomesByFor, outcomesByForAwait]) {
    const host = new VirtualHost();
    await program(() => expectTimeout(outcomes, host), { host });
  }
});

async function expectTimeout(outcomes: typeof outcomesByFor, host: VirtualHost): Promise<void> {
  const [a, b] = [createTask(sleep(100, "a")), createTask(sleep(150, "b"))];
  const [first, second, ...more] = await outcomes([a, b], host);
  expect([first, more]).toEqual(["a", []]);
  expect(second).toBeInstanceOf(TimeoutError);
  expect([host.time, b.done(), b.cancelling()]).toEqual([120, false, 0]);
  expect([await a, await b]).toEqual(["a", "b"]);
}

test("test_tasks.py::BaseTaskTests.test_as_completed_with_unused_timeout: a timeout that is not reached changes nothing, and its timer is dropped with the last result", () =>
  program(async ({ loop, log }) => {
    for (const results of [resultsByFor, resultsByForAwait]) {
      log.push(await results([sleep(10, "a")], { timeout: "1s" }), loop.statistics().timers);
    }
    expect(log).toEqual([["a"], 0, ["a"], 0]);
    expect(loop.time()).toBe(20);
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_resume_iterator: a loop over asCompleted() that was left can be taken up by another one, which gives the rest", () =>
  program(async () => {
    const names = ["0", "1", "2", "3"];
    const byFor: string[][] = [[], []];
    const coming = asCompleted(names.map(give));
    for (const next of coming) if (byFor[0].push(await next) === 2) break;
    for (const next of coming) byFor[1].push(await next);
    expect(byFor).toEqual([
      ["0", "1"],
      ["2", "3"],
    ]);

    const byForAwait: string[][] = [[], []];
    const comingTasks = asCompleted(names.map(give));
    for await (const task of comingTasks) if (byForAwait[0].push(await task) === 2) break;
    for await (const task of comingTasks) byForAwait[1].push(await task);
    expect(byForAwait).toEqual(byFor);
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_reverse_wait: what is awaited first gets the first result to come, whichever item of the plain iteration it is", () =>
  program(async ({ loop, log }) => {
    const items = [...asCompleted(new Set([sleep(50, "a"), sleep(100, "b")]))];
    log.push(items.length);
    log.push(await items[1], loop.time());
    log.push(await items[0], loop.time());
    expect(log).toEqual([2, "a", 50, "b", 100]);
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_concurrent: what asCompleted() hands out may be awaited side by side", () =>
  program(async ({ loop }) => {
    const itemsByFor = async (aws: Strings): Promise<Awaitable<string>[]> => [...asCompleted(aws)];
    const itemsByForAwait = async (aws: Strings): Promise<Awaitable<string>[]> => {
      const items: Awaitable<string>[] = [];
      for await (const task of asCompleted(aws)) items.push(task);
      return items;
    };
    for (const items of [itemsByFor, itemsByForAwait]) {
      const futures = (await items([sleep(50, "a"), sleep(50, "b")])).map((item) => ensureFuture(item));
      const [done, pending] = await wait(futures);
      expect(Array.from(done, (future: Future<string>) => future.result())).toEqual(["a", "b"]);
      expect(pending.size).toBe(0);
    }
    expect(loop.time()).toBe(100);
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_duplicate_coroutines: asCompleted() counts a coroutine that is given twice once", () =>
  program(async () => {
    for (const results of [resultsByFor, resultsByForAwait]) {
      const ham = give("ham");
      expect(await results([ham, ham, give("spam")])).toEqual(["ham", "spam"]);
    }
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_coroutine_without_loop: asCompleted() of coroutines is refused where no loop is running, and does not start them", () => {
  const co = give("never") as Coroutine<string>;
  expectNoLoop(() => [...asCompleted([co])]);
  expect(co.state).toBe("created");
  co.close();
});

test("test_tasks.py::BaseTaskTests.test_as_completed_coroutine_use_running_loop: asCompleted() schedules coroutines on the running loop, at the call", () =>
  program(async ({ loop }) => {
    const before = loop.statistics().tasks;
    const items = [...asCompleted([give("42")])];
    expect([items.length, loop.statistics().tasks - before]).toEqual([1, 1]);
    expect(await items[0]).toBe("42");
  }));

test("test_tasks.py::BaseTaskTests.test_as_completed_invalid_args: asCompleted() refuses a single future or coroutine, at the call", () =>
  program(async ({ loop }) => {
    const co = give("never") as Coroutine<string>;
    for (const [single, shown] of [
      [loop.createFuture<string>(), "<Future pending>"],
      [co, "<Coroutine created name='give'>"],
    ] as const) {
      expect(() => asCompleted(single as never)).toThrow(
        new TypeError(
          `Cannot iterate over ${shown} as completed: expected an iterable of awaitables; write asCompleted([task])`,
        ),
      );
    }
    expect(co.state).toBe("created");
    co.close();
  }));
