import { addSignalHandler, removeSignalHandler } from "@tsyncio/node";
import { constants } from "node:os";
import {
  ContextVar,
  Event,
  Queue,
  RuntimeError,
  currentTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  spawning,
} from "tsyncio";
import { expect, test } from "vitest";
import { startProgram } from "../start-program.ts";

const kill = (signal: NodeJS.Signals): boolean => process.kill(process.pid, signal);
const user = new ContextVar<string>("user", { default: "nobody" });

test("a handler is called at each arrival, with its arguments, as a callback of the loop", () =>
  run(async () => {
    const calls = new Queue<unknown>();
    const loop = getRunningLoop();
    addSignalHandler(
      "SIGUSR2",
      (...args) => calls.putNowait([args, getRunningLoop() === loop, currentTask()]),
      42,
      "x",
    );
    for (let i = 0; i < 3; i++) {
      kill("SIGUSR2");
      expect(await calls.get()).toEqual([[42, "x"], true, null]);
    }
    expect(calls.qsize()).toBe(0);
  }));

test("it runs in a copy of the context in which it was added, the same at each call", () =>
  run(async () => {
    const seen = new Queue<string>();
    user.set("ann");
    addSignalHandler("SIGUSR2", () => {
      seen.putNowait(user.get());
      user.set(`${user.get()}'s`);
    });
    user.set("ben");
    kill("SIGUSR2");
    expect(await seen.get()).toBe("ann");
    kill("SIGUSR2");
    expect(await seen.get()).toBe("ann's");
    expect(user.get()).toBe("ben");
  }));

test("another handler takes its place; a signal by number is the same signal", () =>
  run(async () => {
    const log: string[] = [];
    const heard = new Event();
    addSignalHandler("SIGUSR2", () => log.push("first"));
    addSignalHandler(constants.signals.SIGUSR2, () => (log.push("second"), heard.set()));
    expect(process.listenerCount("SIGUSR2")).toBe(1);
    kill("SIGUSR2");
    await heard.wait();
    expect(log).toEqual(["second"]);
    expect([removeSignalHandler("SIGUSR2"), process.listenerCount("SIGUSR2")]).toEqual([true, 0]);
  }));

test("a coroutine starts from spawning(fn)", () =>
  run(async () => {
    const ended = new Event();
    const handler = async (name: string) => {
      await sleep(1);
      expect(name).toBe("SIGUSR2");
      ended.set();
    };
    addSignalHandler("SIGUSR2", spawning(handler), "SIGUSR2");
    kill("SIGUSR2");
    expect(await ended.wait()).toBe(true);
  }));

test("what a handler throws goes to the exception handler, and it is called again", () =>
  run(async () => {
    const heard = new Queue<string>();
    getRunningLoop().setExceptionHandler((_, { message, exception }) => heard.putNowait(`${message}: ${exception}`));
    addSignalHandler("SIGUSR2", function failing() {
      throw new RangeError("unwell");
    });
    for (let i = 0; i < 2; i++) {
      kill("SIGUSR2");
      expect(await heard.get()).toBe("Exception in callback failing(): RangeError: unwell");
    }
  }));

test("one that is taken back is not called, and its signal has its listener no more", () =>
  run(async () => {
    const log: string[] = [];
    const heard = new Event();
    expect(removeSignalHandler("SIGUSR2")).toBe(false);
    addSignalHandler("SIGUSR2", () => log.push("SIGUSR2"));
    addSignalHandler("SIGHUP", () => heard.set());
    expect([removeSignalHandler("SIGUSR2"), removeSignalHandler("SIGUSR2")]).toEqual([true, false]);
    process.once("SIGUSR2", () => log.push("the program's own"));
    kill("SIGUSR2");
    kill("SIGHUP");
    await heard.wait();
    await sleep(1);
    expect(log).toEqual(["the program's own"]);
    expect(getRunningLoop().handledSignals).toEqual(new Set(["SIGHUP"]));
  }));

test("each loop has a handler of its own, and closing a loop takes back its own", async () => {
  const log: string[] = [];
  const loops = [newEventLoop(), newEventLoop()];
  const adding = async (name: string, signal: NodeJS.Signals) => addSignalHandler(signal, () => log.push(name));
  await loops[0].runUntilComplete(adding("first", "SIGUSR2"));
  await loops[1].runUntilComplete(adding("second", "SIGUSR2"));
  await loops[1].runUntilComplete(adding("second too", "SIGHUP"));
  expect([process.listenerCount("SIGUSR2"), loops[0].resources.size]).toEqual([2, 1]);
  kill("SIGUSR2");
  await new Promise((resolve) => process.once("SIGUSR2", resolve));
  // A loop that is not running handles it when it runs again.
  expect(log).toEqual([]);
  await loops[1].runUntilComplete(sleep(1));
  await loops[0].runUntilComplete(sleep(1));
  expect(log).toEqual(["second", "first"]);
  loops[1].close();
  expect([process.listenerCount("SIGUSR2"), process.listenerCount("SIGHUP")]).toEqual([1, 0]);
  loops[0].close();
  expect([process.listenerCount("SIGUSR2"), loops[0].handledSignals.size]).toEqual([0, 0]);
});

test("what is no signal, and no plain function, is refused", () =>
  run(async () => {
    const handler = () => {};
    const coroutineFunction = async () => {};
    const bad = (signal: unknown) => signal as NodeJS.Signals;
    expect(() => addSignalHandler("SIGUSR2", coroutineFunction)).toThrow(
      new TypeError(
        "Cannot add signal handler: coroutineFunction() is a coroutine, which a plain call never starts; pass spawning(fn)",
      ),
    );
    expect(() => addSignalHandler("SIGUSR2", null as never)).toThrow(
      new TypeError("Cannot add signal handler: expected a function, received null"),
    );
    expect(() => addSignalHandler(bad("boom"), handler)).toThrow(
      new TypeError('Cannot add signal handler: expected the name of a signal such as "SIGTERM", received "boom"'),
    );
    expect(() => removeSignalHandler(bad(undefined))).toThrow(
      new TypeError(
        'Cannot remove signal handler: expected the name of a signal such as "SIGTERM", received undefined',
      ),
    );
    expect(() => addSignalHandler(1000, handler)).toThrow(
      new RangeError("Cannot add signal handler: received 1000, which no signal has as its number"),
    );
    expect(() => addSignalHandler("SIGKILL", handler)).toThrow(
      new RuntimeError("Cannot listen to SIGKILL: it cannot be caught"),
    );
    expect([removeSignalHandler("SIGKILL"), getRunningLoop().resources.size]).toEqual([false, 0]);
  }));

test("without a running loop there is none", () => {
  expect(() => addSignalHandler("SIGUSR2", () => {})).toThrow(RuntimeError);
  expect(process.listenerCount("SIGUSR2")).toBe(0);
});

const ALL = `const { CancelledError, Event, coroutine, createTask, newEventLoop, run, sleep } = tsyncio;
const { addSignalHandler, removeSignalHandler, signals } = node;
const ready = () => console.log("ready");\n`;

test("waiting for a signal holds the process and is no deadlock; run leaves SIGINT and SIGTERM to their handlers", async () => {
  const { child, printed, ended } = startProgram(`${ALL}
    await run(coroutine(function* main() {
      const stop = new Event();
      addSignalHandler("SIGINT", (text) => console.log(text), "SIGINT is handled");
      addSignalHandler("SIGTERM", () => stop.set());
      ready();
      yield* stop.wait();
      console.log("ends in order");
    }));
  `);
  await printed("ready");
  for (let i = 0; i < 3; i++) {
    child.kill("SIGINT");
    await printed("SIGINT is handled");
  }
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/ends in order\n$/), stderr: "" });
});

test("after its handler is taken back, Ctrl-C cancels main as ever", async () => {
  const { child, printed, ended } = startProgram(`${ALL}
    const main = coroutine(function* main() {
      addSignalHandler("SIGINT", () => removeSignalHandler("SIGINT") && console.log("taken back"));
      ready();
      try { yield* sleep("1m"); } finally { console.log("cleaned up"); }
    });
    await run(main).catch((error) => console.log(error.name, error.signal));
  `);
  await printed("ready");
  child.kill("SIGINT");
  await printed("taken back");
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\ntaken back\ncleaned up\nKeyboardInterrupt SIGINT\n" });
});

test("when run has ended, its signals have their default effect again and hold nothing", async () => {
  const program = `${ALL}
    await run(coroutine(function* main() {
      addSignalHandler("SIGUSR2", () => console.log("not any more"));
      signals("SIGHUP");
    }));
    ready();
  `;
  expect(await startProgram(program).ended).toMatchObject({ code: 0, stdout: "ready\n" });
  const { child, printed, ended } = startProgram(`${program} setTimeout(() => {}, 15_000);`);
  await printed("ready");
  child.kill("SIGUSR2");
  expect(await ended).toMatchObject({ code: null, signal: "SIGUSR2", stdout: "ready\n" });
});

test("a loop that is run by hand holds the process no longer than it runs", async () => {
  const { child, printed, ended } = startProgram(`${ALL}
    const loop = newEventLoop();
    await loop.runUntilComplete(coroutine(function* main() {
      const heard = new Event();
      addSignalHandler("SIGUSR2", () => heard.set());
      ready();
      yield* heard.wait();
    })());
    console.log("left open");
  `);
  await printed("ready");
  child.kill("SIGUSR2");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\nleft open\n" });
});

test("a program that handles no signal any more can be deadlocked again", async () => {
  const { child, printed, ended } = startProgram(`${ALL}
    await run(coroutine(function* main() {
      addSignalHandler("SIGUSR2", () => removeSignalHandler("SIGUSR2"));
      ready();
      yield* new Event().wait();
    })).catch((error) => console.log(error.name));
  `);
  await printed("ready");
  child.kill("SIGUSR2");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\nDeadlockError\n" });
});

test("other threads than the main one hear of no signal", async () => {
  const { ended } = startProgram(`${ALL}
    import { Worker } from "node:worker_threads";
    const program = \`
      Promise.all([import("tsyncio"), import("@tsyncio/node")]).then(([{ coroutine, run }, { addSignalHandler }]) =>
        run(coroutine(function* () { addSignalHandler("SIGUSR2", () => {}); }))
          .catch((error) => console.log(error.name, error.message)));
    \`;
    new Worker(program, { eval: true });
  `);
  expect(await ended).toMatchObject({
    code: 0,
    stdout: "RuntimeError Cannot listen to SIGUSR2: signals reach the main thread only\n",
  });
});
