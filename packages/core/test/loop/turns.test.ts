import {
  DeadlockError,
  type EventLoop,
  KeyboardInterrupt,
  RuntimeError,
  coroutine,
  createTask,
  getRunningLoop,
  newEventLoop,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { ManualHost } from "./manual-host.ts";

function fresh(): { host: ManualHost; loop: EventLoop; log: string[]; say: (line: string) => () => void } {
  const host = new ManualHost();
  const log: string[] = [];
  return { host, loop: newEventLoop({ host }), log, say: (line) => () => void log.push(line) };
}

describe("stop", () => {
  test("ends the run after the iteration; what came in during it waits for the next run", async () => {
    const { host, loop, log, say } = fresh();
    loop.callSoon(() => (loop.stop(), loop.callSoon(say("next run"))));
    loop.callSoon(say("same iteration"));
    const run = loop.runForever();
    host.settle();
    await run;
    expect(log).toEqual(["same iteration"]);
    expect([loop.isRunning(), loop.statistics().ready]).toEqual([false, 1]);
    loop.stop();
    const second = loop.runForever();
    host.settle();
    await second;
    expect(log).toEqual(["same iteration", "next run"]);
  });

  test("before the run gives exactly one iteration, with the timers that are due", async () => {
    const { host, loop, log, say } = fresh();
    loop.callSoon(() => (say("soon")(), loop.callSoon(say("not this"))));
    loop.callLater(-1, say("due"));
    loop.callLater(10, say("nor this"));
    loop.stop();
    const run = loop.runForever();
    host.settle();
    await run;
    expect(log).toEqual(["soon", "due"]);
    expect(loop.statistics().iterations).toBe(1);
  });

  test("twice is once: the next run is not stopped by the second", async () => {
    const { host, loop, log, say } = fresh();
    loop.stop();
    loop.stop();
    const run = loop.runForever();
    host.settle();
    await run;
    void loop.runForever();
    loop.callSoon(() => loop.callSoon(say("second iteration")));
    host.settle();
    expect(log).toEqual(["second iteration"]);
    expect(loop.isRunning()).toBe(true);
  });

  test("from outside ends a run that waits for a timer, and takes the alarm back", async () => {
    const { host, loop } = fresh();
    loop.callLater(1000, () => {});
    const run = loop.runForever();
    host.settle();
    expect(host.alarms.size).toBe(1);
    loop.stop();
    host.settle();
    await run;
    expect([host.alarms.size, host.held.size]).toEqual([0, 0]);
  });
});

describe("a run", () => {
  test("of a loop that runs already is refused, and the loop runs on", async () => {
    const { host, loop, log, say } = fresh();
    const run = loop.runForever();
    await expect(loop.runForever()).rejects.toThrow("Cannot run the event loop: it is running already");
    await expect(loop.runUntilComplete(sleep(0))).rejects.toThrow(RuntimeError);
    expect(() => loop.close()).toThrow("Cannot close the event loop: it is running; stop it first");
    loop.callSoon(say("still running"));
    host.settle();
    expect(log).toEqual(["still running"]);
    expect(loop.isRunning()).toBe(true);
    loop.stop();
    host.settle();
    await run;
  });

  test("of a closed loop is refused, as is everything that schedules", async () => {
    const { loop } = fresh();
    loop.close();
    loop.close();
    expect([loop.isClosed(), String(loop)]).toEqual([true, "<EventLoop running=false closed=true debug=false>"]);
    await expect(loop.runForever()).rejects.toThrow("Cannot use the event loop: it is closed");
    await expect(loop.runUntilComplete(loop.createFuture())).rejects.toThrow(RuntimeError);
    const co = coroutine(function* () {})();
    for (const act of [
      () => loop.callSoon(() => {}),
      () => loop.callSoonThreadsafe(() => {}),
      () => loop.callLater(1, () => {}),
      () => loop.callAt(1, () => {}),
      () => loop.createTask(co),
      () => loop.runInExecutor(null, () => {}),
    ])
      expect(act).toThrow("Cannot use the event loop: it is closed");
    co.close();
    loop.stop();
    expect([loop.createFuture().done(), typeof loop.time()]).toEqual([false, "number"]);
  });

  test("close drops what is scheduled, without running it", () => {
    const { host, loop, log, say } = fresh();
    loop.callSoon(say("never"));
    loop.callLater(0, say("nor this"));
    loop.close();
    host.advance(10);
    expect(log).toEqual([]);
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });
  });

  test("is known inside as the running loop, and not outside", async () => {
    const { host, loop } = fresh();
    const seen: unknown[] = [];
    loop.callSoon(() => seen.push(getRunningLoop(), loop.isRunning()));
    const run = loop.runForever();
    loop.stop();
    host.settle();
    await run;
    expect(seen).toEqual([loop, true]);
    expect(() => getRunningLoop()).toThrow(/there is no current event loop/);
    expect(() => getRunningLoop()).toThrow(RuntimeError);
  });

  test("of a loop between the turns of another: each has its own place", () => {
    const [one, two] = [fresh(), fresh()];
    const seen: unknown[] = [];
    void one.loop.runForever();
    void two.loop.runForever();
    one.loop.callSoon(() => {
      two.loop.callSoon(() => void seen.push(getRunningLoop() === two.loop));
      two.host.settle();
      seen.push(getRunningLoop() === one.loop);
    });
    one.host.settle();
    expect(seen).toEqual([true, true]);
  });
});

describe("runUntilComplete", () => {
  test("gives the result of a coroutine, a future or a promise", async () => {
    const loop = newEventLoop();
    const future = loop.createFuture<string>();
    loop.callSoon(() => future.setResult("future"));
    expect(await loop.runUntilComplete(sleep(0, "coroutine"))).toBe("coroutine");
    expect(await loop.runUntilComplete(future)).toBe("future");
    expect(await loop.runUntilComplete(future)).toBe("future");
    expect(await loop.runUntilComplete(Promise.resolve("promise"))).toBe("promise");
    loop.close();
  });

  test("rejects with the error, and with a TypeError for what cannot be awaited", async () => {
    const loop = newEventLoop();
    const failing = coroutine(function* () {
      throw new RangeError("of the coroutine");
    });
    await expect(loop.runUntilComplete(failing())).rejects.toThrow("of the coroutine");
    await expect(loop.runUntilComplete(5 as any)).rejects.toThrow(TypeError);
    await expect(loop.runUntilComplete(failing as any)).rejects.toThrow(TypeError);
    await expect(newEventLoop().runUntilComplete(loop.createFuture())).rejects.toThrow(RangeError);
    loop.close();
  });

  test("rejects when the loop is stopped first; the task lives, and can be run to its end", async () => {
    const loop = newEventLoop();
    const task = loop.createTask(sleep(5, "in the end"));
    loop.callSoon(() => loop.stop());
    await expect(loop.runUntilComplete(task)).rejects.toThrow(
      "Cannot give the result: the event loop was stopped before the future was done",
    );
    expect(task.done()).toBe(false);
    expect(await loop.runUntilComplete(task)).toBe("in the end");
    loop.close();
  });

  test("leaves no callback behind: a later run is not stopped by the future of an earlier one", async () => {
    const loop = newEventLoop();
    const future = loop.createFuture<number>();
    loop.callSoon(() => loop.stop());
    await expect(loop.runUntilComplete(future)).rejects.toThrow(RuntimeError);
    const main = coroutine(function* () {
      future.setResult(1);
      yield* sleep(2);
      return "went on";
    });
    expect(await loop.runUntilComplete(main())).toBe("went on");
    loop.close();
  });
});

describe("KeyboardInterrupt", () => {
  test("of a callback leaves the loop at once; the rest of the iteration is there in the next run", async () => {
    const { host, loop, log, say } = fresh();
    const handled: unknown[] = [];
    loop.setExceptionHandler((_, context) => handled.push(context));
    loop.callSoon(() => {
      throw new KeyboardInterrupt("now");
    });
    loop.callSoon(say("later"));
    const run = loop.runForever();
    host.settle();
    await expect(run).rejects.toThrow("now");
    expect([log, handled, loop.isRunning()]).toEqual([[], [], false]);
    void loop.runForever();
    host.settle();
    expect(log).toEqual(["later"]);
  });

  test("of a task leaves the loop, and does not stop the next run", async () => {
    const loop = newEventLoop();
    const failing = coroutine(function* () {
      yield* sleep(0);
      throw new KeyboardInterrupt("of the task");
    });
    const task = loop.createTask(failing());
    await expect(loop.runUntilComplete(task)).rejects.toThrow("of the task");
    expect(task.exception()).toBeInstanceOf(KeyboardInterrupt);
    expect(await loop.runUntilComplete(sleep(5, "went on"))).toBe("went on");
    loop.close();
  });

  test("of a done callback and of an exception handler leaves the loop too", async () => {
    const loop = newEventLoop();
    const future = loop.createFuture<number>();
    future.addDoneCallback(() => {
      throw new KeyboardInterrupt("of a done callback");
    });
    future.setResult(1);
    await expect(loop.runForever()).rejects.toThrow("of a done callback");
    loop.setExceptionHandler(() => {
      throw new KeyboardInterrupt("of the handler");
    });
    loop.callSoon(() => {
      throw new Error("any");
    });
    await expect(loop.runForever()).rejects.toThrow("of the handler");
    loop.close();
  });
});

describe("a turn of the host", () => {
  test("holds several iterations", () => {
    const { host, loop } = fresh();
    void loop.runForever();
    let left = 10;
    const again = (): void => void (left-- > 0 && loop.callSoon(again));
    again();
    host.turn();
    expect([left, host.scheduled.length]).toEqual([-1, 0]);
  });

  test("ends after its budget: what only gives way starves neither the host nor timers", () => {
    const { host, loop, log, say } = fresh();
    void loop.runForever();
    loop.callLater(5, say("timer"));
    const giving = coroutine(function* () {
      for (;;) {
        host.time += 0.01;
        yield* sleep(0);
      }
    });
    loop.createTask(giving());
    let turns = 0;
    while (log.length === 0 && turns < 20) {
      turns++;
      host.turn();
      // A socket is served between two turns.
      loop.callSoonThreadsafe(() => {});
    }
    expect(log).toEqual(["timer"]);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(host.time).toBeLessThan(8);
  });

  test("ends after an iteration that takes longer than its budget, though the ones before it were short", () => {
    const { host, loop } = fresh();
    void loop.runForever();
    let [iterations, work] = [0, 0];
    const giving = coroutine(function* (first: boolean) {
      for (;;) {
        if (first) iterations++;
        host.time += work;
        yield* sleep(0);
      }
    });
    for (let i = 0; i < 1_000; i++) loop.createTask(giving(i === 0));
    work = 0.00001;
    for (let turn = 0; turn < 5; turn++) host.turn();
    expect(iterations).toBeGreaterThan(500);
    work = 0.05;
    for (let turn = 0; turn < 5; turn++) {
      iterations = 0;
      host.turn();
      expect(iterations).toBe(1);
    }
  });

  test("finds a timer that is due among thousands of tasks that give way", () => {
    const { host, loop, log, say } = fresh();
    void loop.runForever();
    loop.callLater(5, say("timer"));
    let iterations = 0;
    const giving = coroutine(function* (first: boolean) {
      while (log.length === 0 && iterations < 1_000) {
        host.time += 0.0001;
        if (first) iterations++;
        yield* sleep(0);
      }
    });
    for (let i = 0; i < 3_000; i++) loop.createTask(giving(i === 0));
    host.settle();
    expect(log).toEqual(["timer"]);
    // 0.3 ms each: it is due in the 17th, joins after that, and is run at the end of the next.
    expect(iterations).toBeLessThanOrEqual(20);
  });

  test("on the platform, sockets and timers of the host come between the turns of a task that only gives way", async () => {
    const loop = newEventLoop();
    const rung: number[] = [];
    const timer = setInterval(() => void rung.push(loop.time()), 1);
    const giving = coroutine(function* () {
      const end = loop.time() + 1000;
      while (rung.length < 3 && loop.time() < end) yield* sleep(0);
    });
    await loop.runUntilComplete(giving());
    clearInterval(timer);
    expect(rung.length).toBeGreaterThanOrEqual(3);
    loop.close();
  });

  test("a promise of the host is settled between the turns, not within one", async () => {
    const loop = newEventLoop();
    const log: string[] = [];
    const main = coroutine(function* () {
      void Promise.resolve().then(() => log.push("promise"));
      yield* sleep(0);
      log.push("next iteration");
      yield* sleep(10);
    });
    await loop.runUntilComplete(main());
    expect(log).toEqual(["next iteration", "promise"]);
    loop.close();
  });
});

describe("a loop that nothing can wake", () => {
  test("ends with DeadlockError, which shows who waits for whom", async () => {
    const { host, loop } = fresh();
    const future = loop.createFuture();
    const waiting = coroutine(function* waiting() {
      yield* future;
    });
    const main = coroutine(function* main() {
      yield* createTask(waiting(), { name: "waiter" });
    });
    const run = loop.runUntilComplete(loop.createTask(main(), { name: "main" }));
    host.settle();
    host.strand();
    const error: unknown = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeadlockError);
    expect((error as DeadlockError).code).toBe("TSYNCIO_DEADLOCK");
    expect((error as DeadlockError).message).toContain("Task(name='waiter')");
    expect((error as DeadlockError).message).toContain("Task(name='main')");
    expect((error as DeadlockError).message).toContain("async waiting()");
    expect([loop.isRunning(), host.held.size]).toEqual([false, 0]);
  });

  test("is none while a timer is to come or something is ready", async () => {
    const { host, loop, log, say } = fresh();
    const run = loop.runForever();
    loop.callLater(10, say("timer"));
    loop.callSoon(() => {});
    host.strand();
    host.settle();
    host.strand();
    expect(loop.isRunning()).toBe(true);
    host.advance(10);
    expect(log).toEqual(["timer"]);
    host.strand();
    await expect(run).rejects.toThrow(DeadlockError);
  });

  test("is none while a signal has a handler: the process is held until the loop is woken", async () => {
    const { host, loop, log, say } = fresh();
    const run = loop.runForever();
    loop.handledSignals.add("SIGUSR2");
    host.settle();
    host.strand();
    host.strand();
    expect([loop.isRunning(), host.alarms.size]).toEqual([true, 1]);
    host.advance(86_400_000);
    expect(host.alarms.size).toBe(0);
    host.strand();
    loop.callSoon(say("signal"));
    expect(host.alarms.size).toBe(0);
    host.settle();
    expect(log).toEqual(["signal"]);
    host.strand();
    expect(host.alarms.size).toBe(1);
    loop.callSoon(() => loop.handledSignals.clear());
    host.settle();
    host.strand();
    await expect(run).rejects.toThrow(DeadlockError);
    expect(host.alarms.size).toBe(0);
  });

  test("a cancelled timer does not put that off", async () => {
    const { host, loop } = fresh();
    const run = loop.runForever();
    const timer = loop.callLater(10, () => {});
    host.settle();
    timer.cancel();
    host.strand();
    await expect(run).rejects.toThrow(DeadlockError);
  });
});
