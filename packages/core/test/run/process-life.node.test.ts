import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { start } from "./program.ts";

const ALL = `const { Event, Future, Lock, coroutine, createTask, getRunningLoop, newEventLoop, run, sleep } = tsyncio;\n`;

describe("a program ends with DeadlockError", () => {
  test.each<[string, string, RegExp]>([
    [
      "a lock that is never released",
      `const lock = new Lock(); yield* lock.acquire(); yield* lock.acquire();`,
      /Lock\.acquire/,
    ],
    ["a promise that is never settled", `yield new Promise(() => {});`, /name='main'/],
    ["a future that nobody sets", `yield* new Future();`, /waits in Future/],
    [
      "a task that waits for an event that nobody sets",
      `yield* createTask(new Event().wait(), { name: "child" });`,
      /name='child'[^]*name='main'/,
    ],
  ])("when main waits for %s", async (_, body, graph) => {
    const { code, stderr, stdout } = await start(`${ALL}
      await run(coroutine(function* main() {
        try { ${body} } finally { console.log("cleaned up"); }
      }), { name: "main" });
    `).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("DeadlockError: Cannot go on: every task waits for something that nothing left can bring");
    expect(stderr).toMatch(graph);
    expect(stdout).toBe("cleaned up\n");
  });

  test("when a loop that runs for ever has nothing to do", async () => {
    const { code, stderr } = await start(`${ALL} await newEventLoop().runForever();`).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("DeadlockError");
  });

  test("when only a timer is left that does not keep the process", async () => {
    const { code, stderr } = await start(`${ALL}
      await run(coroutine(function* () {
        const future = new Future();
        setTimeout(() => future.setResult(), 60_000).unref();
        yield* future;
      }));
    `).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("DeadlockError");
  });

  test("when two runs are stuck, for each", async () => {
    const { code, stdout } = await start(`${ALL}
      const stuck = coroutine(function* () { yield* new Future(); });
      const ended = await Promise.allSettled([run(stuck), run(stuck)]);
      console.log(ended.map(({ reason }) => reason.name).join());
    `).ended;
    expect([code, stdout]).toEqual([0, "DeadlockError,DeadlockError\n"]);
  });

  test("but main does not when it waits for a run that is stuck: that one does, and main may go on", async () => {
    const { code, stdout, stderr } = await start(`${ALL}
      const stuck = coroutine(function* () { yield* new Future(); });
      const main = coroutine(function* () {
        try { yield run(stuck); } catch (error) { yield* sleep(1); return error.name; }
      });
      console.log(await run(main));
    `).ended;
    expect([code, stdout, stderr]).toEqual([0, "DeadlockError\n", ""]);
  });

  test("in a worker too", async () => {
    const { code, stdout } = await start(`${ALL}
      import { Worker } from "node:worker_threads";
      const program = \`
        import(process.env.TSYNCIO).then(({ Future, coroutine, run }) =>
          run(coroutine(function* () { yield* new Future(); })).catch((error) => console.log(error.name)));
      \`;
      new Worker(program, { eval: true });
    `).ended;
    expect([code, stdout]).toEqual([0, "DeadlockError\n"]);
  });
});

describe("a program lives on, without a deadlock", () => {
  test("as long as a timer of the loop or of the host may wake it", async () => {
    const { code, stdout, stderr } = await start(`${ALL}
      console.log(await run(coroutine(function* () {
        yield* sleep(30);
        const future = new Future();
        setTimeout(() => future.setResult("woken"), 30);
        return yield* future;
      })));
    `).ended;
    expect([code, stdout, stderr]).toEqual([0, "woken\n", ""]);
  });

  test("as long as a socket may", async () => {
    const program = start(`${ALL}
      import { createServer } from "node:net";
      console.log(await run(coroutine(function* () {
        const future = new Future();
        const server = createServer((socket) => {
          socket.end();
          future.setResult("connected");
        });
        server.listen(0, "127.0.0.1", () => console.log("port " + server.address().port + "."));
        const result = yield* future;
        server.close();
        return result;
      })));
    `);
    await program.printed(".");
    const port = Number(/port (\d+)\./.exec(program.output())![1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    connect(port, "127.0.0.1")
      .on("error", () => {})
      .resume();
    const { code, stdout, stderr } = await program.ended;
    expect([code, stdout, stderr]).toEqual([0, `port ${port}.\nconnected\n`, ""]);
  });

  test("and ends by itself when main is over, whatever timers of the loop are left", async () => {
    const { code, stdout } = await start(`${ALL}
      await run(coroutine(function* () {
        getRunningLoop().callLater(60_000, () => {});
        createTask(sleep(60_000));
        yield* sleep(0);
      }));
      console.log("over");
    `).ended;
    expect([code, stdout]).toEqual([0, "over\n"]);
  });
});

describe("the process", () => {
  test("gets no warning of too many listeners from 50 runs at once, and keeps no listener", async () => {
    const { code, stdout, stderr } = await start(`${ALL}
      const counts = () => ["beforeExit", "SIGINT", "SIGTERM"].map((event) => process.listenerCount(event)).join();
      const runs = Array.from({ length: 50 }, () => run(sleep(20)));
      console.log(counts());
      await Promise.all(runs);
      console.log(counts());
    `).ended;
    expect([code, stdout, stderr]).toEqual([0, "1,1,1\n0,0,0\n", ""]);
  });

  test("ends with the error that main throws", async () => {
    const { code, stderr } = await start(`${ALL}
      await run(coroutine(function* () { yield* sleep(0); throw new RangeError("of main"); }));
    `).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("RangeError: of main");
  });

  test.each([
    ["", "false"],
    ["0", "false"],
    ["1", "true"],
  ])("with TSYNCIO_DEBUG=%j makes loops with debug mode %s", async (value, debug) => {
    const { stdout } = await start(`console.log(tsyncio.newEventLoop().getDebug());`, { TSYNCIO_DEBUG: value }).ended;
    expect(stdout).toBe(`${debug}\n`);
  });
});
