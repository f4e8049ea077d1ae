import { describe, expect, test } from "vitest";
import { start } from "./program.ts";

/** A main that waits long, cleans up for a while when it is cancelled, and tells how it ended. */
const WAITING = `
  const { coroutine, run, sleep } = tsyncio;
  const waiting = (name, cleanup = 20) => coroutine(function* () {
    console.log(name + " waits");
    try {
      yield* sleep(60_000);
    } finally {
      console.log(name + " cleans up");
      yield* sleep(cleanup);
      console.log(name + " is clean");
    }
  });
  const told = (promise) => promise.then(
    () => console.log("ended"),
    (error) => console.log(error.name, error.signal, error.cause?.name),
  );
`;

describe("a signal of the system", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s cancels main, which cleans up; run rejects with KeyboardInterrupt",
    async (signal) => {
      const program = start(`${WAITING} await told(run(waiting("main")));`);
      await program.printed("main waits");
      program.kill(signal);
      expect(await program.ended).toEqual({
        code: 0,
        signal: null,
        stdout: `main waits\nmain cleans up\nmain is clean\nKeyboardInterrupt ${signal} CancelledError\n`,
        stderr: "",
      });
    },
  );

  test("that nobody catches ends the program with an error, after the tasks beside main have cleaned up", async () => {
    const program = start(`${WAITING}
      await run(coroutine(function* () {
        tsyncio.createTask(waiting("beside")());
        yield* waiting("main")();
      }));
    `);
    await program.printed("beside waits");
    program.kill("SIGINT");
    const { code, stdout, stderr } = await program.ended;
    expect(code).toBe(1);
    expect(stdout).toContain("main is clean\nbeside cleans up\nbeside is clean\n");
    expect(stderr).toContain("KeyboardInterrupt: The program was interrupted by SIGINT");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("that comes a second time, as %s, ends the program at once with %i", async (second, expected) => {
    const program = start(`${WAITING} await told(run(waiting("main", 60_000)));`);
    await program.printed("main waits");
    program.kill("SIGINT");
    await program.printed("main cleans up");
    program.kill(second);
    const { code, signal, stdout } = await program.ended;
    expect({ code, signal, stdout }).toEqual({
      code: expected,
      signal: null,
      stdout: "main waits\nmain cleans up\n",
    });
  });

  test("reaches a main that never rests", async () => {
    const program = start(`${WAITING}
      await told(run(coroutine(function* () {
        console.log("main turns");
        for (;;) yield* sleep(0);
      })));
    `);
    await program.printed("main turns");
    program.kill("SIGINT");
    expect((await program.ended).stdout).toBe("main turns\nKeyboardInterrupt SIGINT CancelledError\n");
  });

  test("that main swallows lets the program go on; the next one reaches the next main", async () => {
    const program = start(`${WAITING}
      const stubborn = coroutine(function* () {
        console.log("stubborn waits");
        try { yield* sleep(60_000); } catch { return; }
      });
      await told(run(stubborn));
      await told(run(waiting("second", 0)));
    `);
    await program.printed("stubborn waits");
    program.kill("SIGINT");
    await program.printed("second waits");
    program.kill("SIGINT");
    expect((await program.ended).stdout).toBe(
      "stubborn waits\nended\nsecond waits\nsecond cleans up\nsecond is clean\nKeyboardInterrupt SIGINT CancelledError\n",
    );
  });

  test("cancels each of several mains that run at once", async () => {
    const program = start(`${WAITING}
      await Promise.all([told(run(waiting("a"))), told(run(waiting("b")))]);
    `);
    await program.printed("b waits");
    program.kill("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout.match(/KeyboardInterrupt SIGINT/g)).toHaveLength(2);
    for (const name of ["a", "b"]) expect(stdout).toContain(`${name} is clean`);
  });

  test("is the program's own when it listens itself", async () => {
    const program = start(`${WAITING}
      process.on("SIGINT", () => console.log("own listener"));
      await told(run(waiting("main", 0)));
    `);
    await program.printed("main waits");
    program.kill("SIGINT");
    await program.printed("own listener");
    program.kill("SIGINT");
    // The program listens to SIGINT only.
    program.kill("SIGTERM");
    const { stdout } = await program.ended;
    expect(stdout).toContain("own listener\n");
    expect(stdout).toMatch(/KeyboardInterrupt SIGTERM CancelledError\n$/);
  });

  test.each([
    ["with handleSignals: false", `await told(run(waiting("main"), { handleSignals: false }));`],
    ["when main is over", `await told(run(sleep(0))); console.log("main waits"); setTimeout(() => {}, 60_000);`],
  ])("is left to the system %s", async (_, source) => {
    const program = start(`${WAITING} ${source}`);
    await program.printed("main waits");
    program.kill("SIGINT");
    expect(await program.ended).toMatchObject({ code: null, signal: "SIGINT" });
  });
});
