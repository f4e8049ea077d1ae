import { addSignalHandler, signals } from "@tsyncio/node";
import { CancelledError, Event, createTask, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { startProgram } from "../start-program.ts";

const kill = (signal: NodeJS.Signals): boolean => process.kill(process.pid, signal);

/** Sends a signal, and waits until the process has heard of it. */
async function arrival(signal: NodeJS.Signals) {
  const heard = new Event();
  const listener = () => heard.set();
  process.once(signal, listener);
  kill(signal);
  await heard.wait();
}

test("gives the signals as they come, from the call on, until the loop is left", () =>
  run(async () => {
    const log: string[] = [];
    const received = signals("SIGUSR2", "SIGHUP", "SIGUSR2");
    await arrival("SIGHUP");
    await arrival("SIGUSR2");
    for await (const signal of received) {
      log.push(signal);
      if (log.length === 3) break;
      if (log.length === 2) kill("SIGHUP");
    }
    expect(log).toEqual(["SIGHUP", "SIGUSR2", "SIGHUP"]);
    expect([process.listenerCount("SIGHUP"), process.listenerCount("SIGUSR2")]).toEqual([0, 0]);
    expect([getRunningLoop().handledSignals.size, getRunningLoop().resources.size]).toEqual([0, 0]);
  }));

test("holds no more than one of each that was not taken", () =>
  run(async () => {
    using received = signals("SIGUSR2", "SIGHUP");
    for (let i = 0; i < 3; i++) {
      await arrival("SIGUSR2");
      await arrival("SIGHUP");
    }
    expect(await received.next()).toEqual({ done: false, value: "SIGUSR2" });
    await arrival("SIGUSR2");
    expect(await received.next()).toEqual({ done: false, value: "SIGHUP" });
    expect(await received.next()).toEqual({ done: false, value: "SIGUSR2" });
    const next = createTask(received.next());
    await sleep(5);
    expect(next.done()).toBe(false);
    await arrival("SIGHUP");
    expect(await next).toEqual({ done: false, value: "SIGHUP" });
  }));

test("several iterables and a handler hear of the same signal", () =>
  run(async () => {
    const handled = new Event();
    addSignalHandler("SIGUSR2", () => handled.set());
    using first = signals("SIGUSR2");
    const second = signals("SIGUSR2");
    kill("SIGUSR2");
    expect([(await first.next()).value, (await second.next()).value]).toEqual(["SIGUSR2", "SIGUSR2"]);
    await handled.wait();
    expect(await second.return()).toEqual({ done: true, value: undefined });
    expect(process.listenerCount("SIGUSR2")).toBe(1);
    kill("SIGUSR2");
    expect((await first.next()).value).toBe("SIGUSR2");
  }));

test("tasks that wait for the same iterable get different signals", () =>
  run(async () => {
    using received = signals("SIGUSR2", "SIGHUP");
    const tasks = [createTask(received.next()), createTask(received.next())];
    await sleep(1);
    await arrival("SIGHUP");
    await sleep(1);
    expect(tasks.map((task) => task.done())).toEqual([true, false]);
    await arrival("SIGUSR2");
    expect([(await tasks[0]).value, (await tasks[1]).value]).toEqual(["SIGHUP", "SIGUSR2"]);
  }));

test("a wait that is cancelled loses no signal, not even in the iteration in which it comes", () =>
  run(async () => {
    using received = signals("SIGUSR2");
    const early = createTask(received.next());
    await sleep(1);
    early.cancel();
    await expect(early.then()).rejects.toThrow(CancelledError);
    await arrival("SIGUSR2");
    expect((await received.next()).value).toBe("SIGUSR2");

    const late = createTask(received.next());
    await sleep(1);
    process.once("SIGUSR2", () => late.cancel());
    await arrival("SIGUSR2");
    await expect(late.then()).rejects.toThrow(CancelledError);
    expect((await received.next()).value).toBe("SIGUSR2");
  }));

test("when it is closed, who waits for it is told so, and what has come before is still given", () =>
  run(async () => {
    const received = signals("SIGUSR2", "SIGHUP");
    const waiting = createTask(received.next());
    await sleep(1);
    received[Symbol.dispose]();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect([await received.next(), process.listenerCount("SIGUSR2")]).toEqual([{ done: true, value: undefined }, 0]);

    const left = signals("SIGHUP");
    await arrival("SIGHUP");
    left[Symbol.dispose]();
    left[Symbol.dispose]();
    const taken: string[] = [];
    for await (const signal of left) taken.push(signal);
    expect(taken).toEqual(["SIGHUP"]);
  }));

test("closing the loop closes it", async () => {
  const loop = newEventLoop();
  const open = async () => signals("SIGUSR2", "SIGHUP");
  await loop.runUntilComplete(open());
  expect([process.listenerCount("SIGUSR2"), process.listenerCount("SIGHUP")]).toEqual([1, 1]);
  loop.close();
  expect([process.listenerCount("SIGUSR2"), process.listenerCount("SIGHUP")]).toEqual([0, 0]);
});

test("what is no signal is refused, and listens to none of the others", () =>
  run(async () => {
    expect(() => signals()).toThrow(new TypeError("Cannot listen to signals: none is named"));
    expect(() => signals("SIGHUP", "boom" as NodeJS.Signals)).toThrow(
      new TypeError('Cannot listen to signals: expected the name of a signal such as "SIGTERM", received "boom"'),
    );
    expect(() => signals("SIGHUP", "SIGSTOP")).toThrow("Cannot listen to SIGSTOP: it cannot be caught");
    expect([process.listenerCount("SIGHUP"), getRunningLoop().resources.size]).toEqual([0, 0]);
  }));

test("a program that loops over its signals ends when it leaves the loop; Ctrl-C does not cancel it", async () => {
  const { child, printed, ended } = startProgram(`
    const { coroutine, run } = tsyncio;
    await run(coroutine(function* main() {
      const received = node.signals("SIGINT", "SIGTERM");
      console.log("ready");
      for (;;) {
        const { value } = yield* received.next();
        console.log(value);
        if (value === "SIGTERM") break;
      }
      yield* received.return();
      console.log("ends in order");
    }));
  `);
  await printed("ready");
  child.kill("SIGINT");
  await printed("SIGINT");
  child.kill("SIGINT");
  await printed("SIGINT");
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\nSIGINT\nSIGINT\nSIGTERM\nends in order\n", stderr: "" });
});
