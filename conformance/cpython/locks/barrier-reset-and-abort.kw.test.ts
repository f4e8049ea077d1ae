import { Barrier, BrokenBarrierError, RuntimeError, createTask, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

const FIVE = [0, 1, 2, 3, 4];
const ABORTED = "Cannot wait in Barrier: it was aborted; reset() it first";
const MEANWHILE = "Cannot wait in Barrier: it was aborted or reset meanwhile";

/** Waits in the barrier; gives the message when it is broken. */
async function pass(barrier: Barrier) {
  try {
    await barrier.wait();
    return "passed";
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error;
    return error.message;
  }
}

test("test_locks.py::BarrierTests.test_reset_barrier: resetting a barrier in which nobody waits changes nothing", () =>
  program(async () => {
    const barrier = new Barrier(1);
    createTask(barrier.reset());
    await sleep(0);
    expect(barrier.statistics()).toEqual({ state: "filling", parties: 1, waiters: 0 });
    expect(barrier.broken).toBe(false);
  }));

test("test_locks.py::BarrierTests.test_reset_barrier_while_tasks_waiting: reset() sends all who wait away, and the barrier fills again", () =>
  program(async () => {
    const barrier = new Barrier(5);
    const tasks = FIVE.slice(1).map(() => createTask(pass(barrier)));
    await sleep(0);
    expect(barrier.nWaiting).toBe(4);
    createTask(barrier.reset());
    expect(await gather(tasks)).toEqual([MEANWHILE, MEANWHILE, MEANWHILE, MEANWHILE]);
    expect(barrier.statistics()).toEqual({ state: "filling", parties: 5, waiters: 0 });
    expect(barrier.broken).toBe(false);
  }));

test("test_locks.py::BarrierTests.test_reset_barrier_when_tasks_half_draining: reset() while tasks leave sends those away that have not left yet", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    let left = 0;
    const work = async (who: number) => {
      const outcome = await pass(barrier);
      log.push(`${who} ${outcome}`);
      if (outcome === "passed" && ++left === 3) await barrier.reset();
    };
    await gather(FIVE.map((who) => work(who)));
    expect(log).toEqual(["4 passed", "0 passed", "1 passed", `2 ${MEANWHILE}`, `3 ${MEANWHILE}`]);
    expect(barrier.statistics()).toEqual({ state: "filling", parties: 5, waiters: 0 });
    expect(barrier.broken).toBe(false);
  }));

test("test_locks.py::BarrierTests.test_reset_barrier_when_tasks_half_draining_half_blocking: reset() leaves tasks alone that wait for the next round", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    let left = 0;
    const work = async (who: number) => {
      const outcome = await pass(barrier);
      log.push(`${who} ${outcome}`);
      if (outcome === "passed" && ++left === 3) await barrier.reset();
      log.push(`${who} again ${await pass(barrier)}`);
    };
    await gather(FIVE.map((who) => work(who)));
    expect(log).toEqual([
      "4 passed",
      "0 passed",
      "1 passed",
      `2 ${MEANWHILE}`,
      `3 ${MEANWHILE}`,
      "2 again passed",
      "3 again passed",
      "4 again passed",
      "0 again passed",
      "1 again passed",
    ]);
    expect(barrier.statistics()).toEqual({ state: "filling", parties: 5, waiters: 0 });
    expect(barrier.broken).toBe(false);
  }));

test("test_locks.py::BarrierTests.test_reset_barrier_while_tasks_waiting_and_waiting_again: tasks that reset() sent away may wait again, in the next round", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    const again = async (who: number) => {
      log.push(`${who} ${await pass(barrier)}`);
      log.push(`${who} again ${await barrier.wait()}`);
    };
    const once = async () => {
      log.push(`last ${await barrier.wait()}`);
    };
    const tasks = FIVE.slice(0, 4).map((who) => createTask(again(who)));
    createTask(barrier.reset());
    await sleep(0);
    await gather(...tasks, createTask(once()));
    expect(log).toEqual([
      `0 ${MEANWHILE}`,
      `1 ${MEANWHILE}`,
      `2 ${MEANWHILE}`,
      `3 ${MEANWHILE}`,
      "2 again 4",
      "3 again 0",
      "last 1",
      "0 again 2",
      "1 again 3",
    ]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_reset_barrier_while_tasks_draining: reset() by the last task that leaves disturbs nobody who waits for the next round", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    let left = 0;
    const work = async (who: number) => {
      await barrier.wait();
      if (++left === 5) await barrier.reset();
      log.push(`${who} second ${await pass(barrier)}`);
      log.push(`${who} third ${await pass(barrier)}`);
    };
    await gather(FIVE.map((who) => work(who)));
    expect(log).toEqual([
      "2 second passed",
      "3 second passed",
      "4 second passed",
      "0 second passed",
      "1 second passed",
      "0 third passed",
      "1 third passed",
      "2 third passed",
      "3 third passed",
      "4 third passed",
    ]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));

test("test_locks.py::BarrierTests.test_abort_barrier: a barrier in which nobody waits can be aborted", () =>
  program(async () => {
    const barrier = new Barrier(1);
    createTask(barrier.abort());
    await sleep(0);
    expect(barrier.statistics()).toEqual({ state: "broken", parties: 1, waiters: 0 });
    expect(barrier.broken).toBe(true);
  }));

test("test_locks.py::BarrierTests.test_abort_barrier_when_tasks_half_draining_half_blocking: abort() sends those away who have not left yet, and also those who wait for the next round", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    let left = 0;
    const work = async (who: number) => {
      const outcome = await pass(barrier);
      log.push(`${who} ${outcome}`);
      if (outcome !== "passed") return;
      if (++left === 3) await barrier.abort();
      else log.push(`${who} again ${await pass(barrier)}`);
    };
    await gather(FIVE.map((who) => work(who)));
    expect(log).toEqual([
      "4 passed",
      "0 passed",
      "1 passed",
      `2 ${MEANWHILE}`,
      `3 ${MEANWHILE}`,
      `4 again ${ABORTED}`,
      `0 again ${ABORTED}`,
    ]);
    expect(barrier.statistics()).toEqual({ state: "broken", parties: 5, waiters: 0 });
  }));

/** Passes the barrier twice; the middle one fails in between and aborts it. Gives whether it was broken for this task. */
async function failInTheMiddle(barrier: Barrier, who: number, log: unknown[]) {
  try {
    if ((await barrier.wait()) === 2) throw new RuntimeError("in the middle");
    await barrier.wait();
    log.push("never");
  } catch (error) {
    if (error instanceof BrokenBarrierError) log.push(`${who} ${error.message}`);
    else {
      log.push(`${who} ${(error as Error).message}`);
      await barrier.abort();
    }
  }
}

test("test_locks.py::BarrierTests.test_abort_barrier_when_exception: a task that fails between two rounds can abort the barrier for all others", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    await gather(FIVE.map((who) => failInTheMiddle(barrier, who, log)));
    expect(log).toEqual(["2 in the middle", `3 ${MEANWHILE}`, `4 ${ABORTED}`, `0 ${ABORTED}`, `1 ${ABORTED}`]);
    expect(barrier.statistics()).toEqual({ state: "broken", parties: 5, waiters: 0 });
  }));

test("test_locks.py::BarrierTests.test_abort_barrier_when_exception_then_resetting: an aborted barrier can be reset, and is passed again", () =>
  program(async ({ log }) => {
    const barrier = new Barrier(5);
    // All meet here before somebody resets the first one, and after.
    const meeting = new Barrier(5);
    const work = async (who: number) => {
      await failInTheMiddle(barrier, who, log);
      if ((await meeting.wait()) === 2) {
        log.push(`${who} resets`);
        await barrier.reset();
      }
      await meeting.wait();
      log.push(`${who} ${await pass(barrier)}`);
    };
    await gather(FIVE.map((who) => work(who)));
    expect(log).toEqual([
      "2 in the middle",
      `3 ${MEANWHILE}`,
      `4 ${ABORTED}`,
      `0 ${ABORTED}`,
      `1 ${ABORTED}`,
      "4 resets",
      "3 passed",
      "4 passed",
      "0 passed",
      "1 passed",
      "2 passed",
    ]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  }));
