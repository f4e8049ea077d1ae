import {
  type Coroutine,
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  waitFor,
} from "tsyncio";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collectGarbage } from "../../../../test/collect-garbage.ts";
import { start } from "../run/program.ts";

let warned: string[] = [];
beforeEach(() => {
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warned.push(text));
});
afterEach(() => void vi.restoreAllMocks());

const fetchData = coroutine(function* fetchData(): Generator<any, number, any> {
  yield* sleep(0);
  return 1;
});
const MESSAGE =
  'tsyncio: coroutine "fetchData" was never awaited; write await fetchData(...) or createTask(fetchData(...))';

/** In a function of its own, so that nothing holds what it makes. */
function forget(count = 1): void {
  for (let i = 0; i < count; i++) fetchData();
}

describe("a coroutine that is never awaited", () => {
  test("is reported by name when it is collected, once", async () => {
    await run(
      coroutine(function* () {
        forget();
        yield* sleep(1);
      }),
    );
    await collectGarbage(() => warned.length > 0);
    expect(warned).toEqual([MESSAGE]);
  });

  test("each is reported, of many", async () => {
    await run(
      coroutine(function* () {
        forget(5);
        yield* sleep(1);
      }),
    );
    await collectGarbage(() => warned.length >= 5);
    expect(warned).toEqual(Array<string>(5).fill(MESSAGE));
  });

  test("is found among many that are awaited after the next one was made", async () => {
    await run(
      coroutine(function* () {
        forget();
        for (let i = 0; i < 20_000; i++) {
          const first = fetchData();
          const second = fetchData();
          second.close();
          if (i % 1000 > 0) first.close();
        }
        yield* sleep(1);
      }),
    );
    await collectGarbage(() => warned.length >= 21);
    expect(warned).toEqual(Array<string>(21).fill(MESSAGE));
  });

  test("is one of a gather that was refused", async () => {
    await run(
      coroutine(function* () {
        for (let i = 0; i < 20; i++) expect(() => gather([7 as never, fetchData(), fetchData()])).toThrow(TypeError);
        expect(() => gather(fetchData(), fetchData(), 7 as never)).toThrow(TypeError);
        yield* sleep(5);
      }),
    );
    await collectGarbage(() => warned.length >= 40);
    expect(warned).toEqual(Array<string>(40).fill(MESSAGE));
  });

  test("is not one that waits below many others, which can be awaited but once as any other", async () => {
    const made: Coroutine<number>[] = [];
    const level = coroutine(function* (n: number): Generator<any, number, any> {
      if (n === 0) {
        yield* sleep(5);
        return 0;
      }
      const inner = level(n - 1);
      made.push(inner);
      return (yield* inner) + 1;
    });
    await run(
      coroutine(function* () {
        const task = createTask(level(500));
        yield* sleep(1);
        expect(new Set(made.map((co) => co.state))).toEqual(new Set(["suspended"]));
        const again = () => createTask(made[250]);
        expect(again).toThrow("it has already been awaited");
        expect(yield* task).toBe(500);
        expect(new Set(made.map((co) => co.state))).toEqual(new Set(["closed"]));
      }),
    );
    made.length = 0;
    await collectGarbage(() => false);
    expect(warned).toEqual([]);
  });

  test("is not reported when it is awaited, scheduled or closed, now or a while later", async () => {
    await run(
      coroutine(function* () {
        yield* fetchData();
        yield fetchData();
        yield* createTask(fetchData());
        fetchData().close();
        const late = [fetchData(), fetchData(), fetchData(), fetchData()];
        yield* sleep(2);
        yield* late[0];
        yield* createTask(late[1]);
        late[2].close();
        yield late[3];
        yield* waitFor(fetchData(), 100);
        const inner = fetchData();
        const outer = coroutine(function* () {
          return yield* inner;
        });
        yield* outer();
      }),
    );
    await collectGarbage(() => false);
    expect(warned).toEqual([]);
  });

  test("is not reported as long as somebody holds it", async () => {
    const held: unknown[] = [];
    await run(
      coroutine(function* () {
        held.push(fetchData());
        yield* sleep(1);
      }),
    );
    await collectGarbage(() => false);
    expect(warned).toEqual([]);
    (held[0] as { close(): void }).close();
  });

  test("is reported with where it was made in debug mode", async () => {
    await run(
      coroutine(function* () {
        forget();
        yield* sleep(1);
      }),
      { debug: true },
    );
    await collectGarbage(() => warned.length > 0);
    expect(warned[0]).toContain("fetchData");
    expect(warned[0]).toMatch(/\nmade at:\n.*forget/);
  });

  test("in debug mode is reported within two turns even if somebody holds it, once for each place", async () => {
    const held: { close(): void }[] = [];
    const calledBack = (): void => void held.push(fetchData());
    await run(
      coroutine(function* () {
        for (let i = 0; i < 3; i++) {
          getRunningLoop().callSoon(calledBack);
          yield* sleep(5);
        }
      }),
      { debug: true },
    );
    expect(warned.length).toBe(1);
    expect(warned[0]).toMatch(
      /^tsyncio: coroutine "fetchData" was made and not started within a turn of the loop; await it or schedule it with createTask\(\)\. Where a coroutine function is called back, pass spawning\(fetchData\)\nmade at:\n.*calledBack/,
    );
    for (const co of held) co.close();
  });

  test("is reported when the process ends", async () => {
    const { stdout, stderr, code } = await start(`
      const { coroutine, run, sleep } = tsyncio;
      const fetchData = coroutine(function* fetchData() {});
      const main = coroutine(function* () {
        globalThis.held = fetchData();
        yield* sleep(1);
        console.log("done");
      });
      await run(main);
    `).ended;
    expect({ stdout, stderr, code }).toEqual({ stdout: "done\n", stderr: `${MESSAGE}\n`, code: 0 });
  });

  test("that is refused as a task of a closed loop is not reported twice over", async () => {
    const loop = newEventLoop();
    loop.close();
    const co = fetchData();
    await expect(loop.runUntilComplete(co)).rejects.toThrow("it is closed");
    co.close();
    await collectGarbage(() => false);
    expect(warned).toEqual([]);
  });
});
