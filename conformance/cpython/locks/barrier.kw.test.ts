import { Barrier, CancelledError, createTask, gather, sleep, wait } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_locks.py::BarrierTests.test_barrier_parties: a barrier needs one party at least", () => {
  for (const parties of [0, -4])
    expect(() => new Barrier(parties)).toThrow(
      new RangeError(`Cannot create Barrier: parties must be an integer >= 1, received ${parties}`),
    );
  expect(new Barrier(5).parties).toBe(5);
});

test("test_locks.py::BarrierTests.test_repr: the text of a barrier tells its state, and how many of its parties wait unless it is broken", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const look = () => log.push(String(barrier));
    const tasks = Array.from({ length: 2 }, () => createTask(barrier.wait()));
    const add = async (count: number) => {
      for (let i = 0; i < count; i++) tasks.push(createTask(barrier.wait()));
      await sleep(0);
    };
    look();
    await sleep(0);
    look();
    await add(barrier.parties - barrier.nWaiting);
    look();
    await add(2);
    look();
    await barrier.reset();
    look();
    await add(2);
    look();
    await barrier.abort();
    look();
    expect(log).toEqual([
      "<Barrier [filling, waiters:0/5]>",
      "<Barrier [filling, waiters:2/5]>",
      "<Barrier [draining, waiters:0/5]>",
      "<Barrier [filling, waiters:2/5]>",
      "<Barrier [resetting, waiters:0/5]>",
      "<Barrier [filling, waiters:2/5]>",
      "<Barrier [broken]>",
    ]);
    const outcomes = await gather(tasks, { returnExceptions: true });
    expect(outcomes.map((outcome) => (outcome instanceof Error ? outcome.name : outcome))).toEqual([
      0,
      1,
      2,
      3,
      4,
      ...Array.from({ length: 4 }, () => "BrokenBarrierError"),
    ]);
  }));

test("test_locks.py::BarrierTests.test_context_manager: wait() gives each task its position, and nothing is to be released", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(3);
    const pass = async (name: string) => {
      log.push(`${name} ${await barrier.wait()}`);
    };
    await gather(["a", "b", "c"].map((name) => pass(name)));
    expect(log).toEqual(["c 2", "a 0", "b 1"]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_filling_one_task: a barrier of one party lets a task through without suspending", () =>
  program(async ({ log, loop }) => {
    const barrier = new Barrier(1);
    loop.callSoon(() => log.push("next iteration"));
    log.push(await barrier.wait());
    await sleep(0);
    expect(log).toEqual([0, "next iteration"]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_filling_one_task_twice: a barrier of one party lets each task through in its first step", () =>
  program(async () => {
    const barrier = new Barrier(1);
    const first = createTask(barrier.wait());
    await sleep(0);
    expect(barrier.nWaiting).toBe(0);
    const second = createTask(barrier.wait());
    await sleep(0);
    expect([first.result(), second.result()]).toEqual([0, 0]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_filling_task_by_task: a barrier counts the tasks that wait until the last has come", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(3);
    const tasks = [];
    for (let arrival = 0; arrival < 3; arrival++) {
      tasks.push(createTask(barrier.wait()));
      await sleep(0);
      log.push(`${barrier.nWaiting} ${String(barrier)}`);
    }
    await wait(tasks);
    expect(tasks.map((task) => task.result())).toEqual([0, 1, 2]);
    expect(log).toEqual([
      "1 <Barrier [filling, waiters:1/3]>",
      "2 <Barrier [filling, waiters:2/3]>",
      "0 <Barrier [draining, waiters:0/3]>",
    ]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_filling_tasks_wait_twice: no task passes a second time before all have passed the first time", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const pass = async () => {
      await barrier.wait();
      log.push("first");
      await barrier.wait();
      log.push("second");
    };
    await gather([1, 2, 3, 4, 5].map(pass));
    expect(log).toEqual([...Array(5).fill("first"), ...Array(5).fill("second")]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_filling_tasks_check_return_value: the last to come goes on first, and the positions of each round are those of arrival", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const pass = async (who: number) => {
      log.push(`${who} first ${await barrier.wait()}`);
      const position = await barrier.wait();
      log.push(`${who} second ${position}`);
      return position;
    };
    expect(await gather([0, 1, 2, 3, 4].map((who) => pass(who)))).toEqual([2, 3, 4, 0, 1]);
    expect(log).toEqual([
      "4 first 4",
      "0 first 0",
      "1 first 1",
      "2 first 2",
      "3 first 3",
      "2 second 4",
      "3 second 0",
      "4 second 1",
      "0 second 2",
      "1 second 3",
    ]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_draining_state: a barrier is draining until the last of its tasks has left", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const pass = async (who: number) => {
      await barrier.wait();
      log.push(`${who} ${barrier.statistics().state}`);
    };
    await gather([0, 1, 2, 3, 4].map((who) => pass(who)));
    expect(log).toEqual(["4 draining", "0 draining", "1 draining", "2 draining", "3 filling"]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_blocking_tasks_while_draining: tasks that come again while others still leave stand for the next round", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const aside = new Barrier(3);
    let first = 2;
    const pass = async (who: number) => {
      await barrier.wait();
      log.push(`${who} first`);
      if (first-- <= 0) {
        await aside.wait();
        log.push(`${who} aside`);
      }
      await barrier.wait();
      log.push(`${who} second`);
    };
    await gather([0, 1, 2, 3, 4].map((who) => pass(who)));
    expect(log).toEqual([
      "4 first",
      "0 first",
      "1 first",
      "2 first",
      "3 first",
      "3 aside",
      "1 aside",
      "2 aside",
      "2 second",
      "3 second",
      "4 second",
      "0 second",
      "1 second",
    ]);
  }));

test("test_locks.py::BarrierTests.test_filling_tasks_cancel_one: a cancelled task counts no longer, and another takes its place", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(3);
    const pass = async (name: string) => {
      log.push(`${name} ${await barrier.wait()}`);
    };
    const cancelled = createTask(pass("cancelled"));
    await sleep(0);
    expect(barrier.nWaiting).toBe(1);
    const a = createTask(pass("a"));
    await sleep(0);
    expect(barrier.nWaiting).toBe(2);

    cancelled.cancel();
    await sleep(0);
    expect(barrier.nWaiting).toBe(1);
    expect(await thrownBy(cancelled)).toBeInstanceOf(CancelledError);
    expect(cancelled.cancelled()).toBe(true);

    const b = createTask(pass("b"));
    await sleep(0);
    expect(barrier.nWaiting).toBe(2);
    await gather(a, b, createTask(pass("c")));
    expect(log).toEqual(["c 2", "a 1", "b 1"]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));
