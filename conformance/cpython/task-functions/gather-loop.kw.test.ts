import {
  type Coroutine,
  type EventLoop,
  Future,
  ensureFuture,
  gather,
  getRunningLoop,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { program } from "../../program.ts";
import { expectNoLoop } from "./no-loop.ts";

const give = async (value: string) => value;

test("test_tasks.py::FutureGatherTests.test_constructor_empty_sequence_without_loop: gather() of nothing is refused where no loop is running", () => {
  expectNoLoop(() => gather());
  expectNoLoop(() => gather([]));
});

test("test_tasks.py::FutureGatherTests.test_constructor_empty_sequence_use_running_loop: gather() of nothing is a future of the running loop, done with no results", () =>
  program(async ({ loop }) => {
    for (const all of [gather(), gather([])]) {
      expect(all).toBeInstanceOf(Future);
      expect(all.getLoop()).toBe(loop);
      await sleep(0);
      expect(all.done()).toBe(true);
      expect(all.result()).toEqual([]);
    }
  }));

async function gatherNothing(): Promise<[Future<unknown[]>, EventLoop]> {
  return [gather(), getRunningLoop()];
}

test("test_tasks.py::FutureGatherTests.test_constructor_empty_sequence_use_global_loop: in a coroutine that native code awaits, gather() of nothing is a future of the default loop", async () => {
  "native async";
  const [all, defaultLoop] = await gatherNothing();
  expect(all).toBeInstanceOf(Future);
  expect(all.getLoop()).toBe(defaultLoop);
  expect([all.done(), all.result()]).toEqual([true, []]);
  expectNoLoop(() => gather());
});

test("test_tasks.py::FutureGatherTests.test_constructor_heterogenous_futures: gather() refuses futures of different loops", () => {
  const [one, other] = [newEventLoop(), newEventLoop()];
  expect(() => gather(one.createFuture(), other.createFuture())).toThrow(
    new RangeError("Cannot use the future on this loop: it belongs to a different one"),
  );
  one.close();
  other.close();
});

test("test_tasks.py::FutureGatherTests.test_constructor_homogenous_futures: gather() is on the loop of the futures that it gathers, whichever loop is running", async () => {
  "native async";
  const other = newEventLoop({ host: new VirtualHost() });
  const children = Array.from({ length: 3 }, () => other.createFuture<number>());
  const iteration = async (): Promise<void> => {
    other.callSoon(() => other.stop());
    await other.runForever();
  };
  const gathers = [gather(...children), ...(await program(() => gatherElsewhere(children)))];
  for (const all of gathers) {
    expect(all.getLoop()).toBe(other);
    await iteration();
    expect(all.done()).toBe(false);
  }
  children.forEach((child, n) => child.setResult(n));
  await iteration();
  expect(gathers.map((all) => all.result())).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
  other.close();
});

/** In an array: to return a future is to await it. */
async function gatherElsewhere(children: Future<number>[]): Promise<Future<number[]>[]> {
  return [gather(...children)];
}

test("test_tasks.py::CoroutineGatherTests.test_constructor_without_loop: gather() of coroutines is refused where no loop is running, and does not start them", () => {
  const coroutines = [give("abc"), give("def")] as Coroutine<string>[];
  expectNoLoop(() => gather(...coroutines));
  expect(coroutines.map((co) => co.state)).toEqual(["created", "created"]);
  for (const co of coroutines) co.close();
});

test("test_tasks.py::CoroutineGatherTests.test_constructor_use_running_loop: gather() schedules coroutines on the running loop", () =>
  program(async ({ loop }) => {
    const all = gather(give("abc"), give("def"));
    expect(all.getLoop()).toBe(loop);
    expect(await all).toEqual(["abc", "def"]);
  }));

test("test_tasks.py::CoroutineGatherTests.test_constructor_use_global_loop: outside of a running loop gather() is on the loop of the task that it is given first, and schedules coroutines there", async () => {
  "native async";
  const loop = newEventLoop({ host: new VirtualHost() });
  const all = gather(ensureFuture(give("abc"), { loop }), give("def"));
  expect([all.getLoop() === loop, all.done()]).toEqual([true, false]);
  expect(await loop.runUntilComplete(all)).toEqual(["abc", "def"]);
  loop.close();
});
