import { CancelledError, Event, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_locks.py::EventTests.test_wait: set() wakes all who wait in their order, and who asks afterwards does not wait at all", () =>
  program(async ({ log }) => {
    const event = new Event();
    expect(event.isSet()).toBe(false);
    const wait = async (name: string) => {
      log.push(`${name} ${await event.wait()}`);
    };
    const [first, second] = ["first", "second"].map((name) => createTask(wait(name)));
    await sleep(0);
    expect(log).toEqual([]);

    const newcomer = createTask(wait("newcomer"));
    event.set();
    await sleep(0);
    // Its first step stood in the ready queue before the steps of those that were woken.
    expect(log).toEqual(["newcomer true", "first true", "second true"]);
    expect([first, second, newcomer].map((task) => task.result())).toEqual([undefined, undefined, undefined]);
  }));

test("test_locks.py::EventTests.test_wait_on_set: waiting for an event that is set gives true without suspending", () =>
  program(async ({ log, loop }) => {
    const event = new Event();
    event.set();
    loop.callSoon(() => log.push("next iteration"));
    log.push(await event.wait());
    await sleep(0);
    expect(log).toEqual([true, "next iteration"]);
  }));

test("test_locks.py::EventTests.test_wait_cancel: a task that is cancelled while it waits leaves the line", () =>
  program(async ({ loop }) => {
    const event = new Event();
    const waiter = createTask(event.wait());
    loop.callSoon(() => waiter.cancel());
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    expect(event.statistics()).toEqual({ isSet: false, waiters: 0 });
  }));

test("test_locks.py::EventTests.test_clear: clear() takes set() back", () => {
  const event = new Event();
  const states = [event.isSet()];
  event.set();
  states.push(event.isSet());
  event.clear();
  states.push(event.isSet());
  expect(states).toEqual([false, true, false]);
});

test("test_locks.py::EventTests.test_clear_with_waiters: a task that was woken goes on although the event is cleared meanwhile, and is woken once only", () =>
  program(async ({ log }) => {
    const event = new Event();
    const wait = async () => {
      log.push(await event.wait());
      return "done";
    };
    const task = createTask(wait());
    await sleep(0);
    expect(log).toEqual([]);
    expect(event.statistics().waiters).toBe(1);

    event.set();
    event.clear();
    expect(event.isSet()).toBe(false);
    event.set();
    event.set();
    await sleep(0);
    expect(log).toEqual([true]);
    expect(event.statistics()).toEqual({ isSet: true, waiters: 0 });
    expect(task.result()).toBe("done");
  }));

test("test_locks.py::EventTests.test_repr: the text of an event tells whether it is set and how many wait", () =>
  program(async () => {
    const event = new Event();
    expect(String(event)).toBe("<Event [unset]>");
    const waiter = createTask(event.wait());
    await sleep(0);
    expect(String(event)).toBe("<Event [unset, waiters:1]>");
    event.set();
    expect(String(event)).toBe("<Event [set]>");
    await waiter;
  }));
