import {
  type Awaitable,
  CancelledError,
  ContextVar,
  type Coroutine,
  ExceptionGroup,
  Future,
  KeyboardInterrupt,
  type RaceWinner,
  allTasks,
  cancelScope,
  createTask,
  currentTask,
  eagerTaskFactory,
  formatCallGraph,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  staggeredRace,
  timeout,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { inject, moments } from "../cancellation/every-moment.ts";

/** Runs on a clock that jumps; when it has ended nothing may be left. */
async function inVirtualTime<T>(main: () => Awaitable<T>): Promise<T> {
  const loop = newEventLoop({ host: new VirtualHost() });
  return await run(
    async () => {
      const result = await main();
      expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0, tasks: 1 });
      return result;
    },
    { loopFactory: () => loop, handleSignals: false },
  );
}

/** Starts that log when they begin and how they end. */
class Field {
  readonly log: string[] = [];
  readonly #begun = getRunningLoop().time();

  #note(text: string): void {
    this.log.push(`${getRunningLoop().time() - this.#begun} ${text}`);
  }

  wins(name: string, after: number): () => Promise<string> {
    return () => this.#running(name, after, null);
  }

  fails(name: string, after: number): () => Promise<string> {
    return () => this.#running(name, after, new Error(name));
  }

  async #running(name: string, after: number, error: Error | null): Promise<string> {
    this.#note(`${name} starts`);
    try {
      if (after > 0) await sleep(after);
    } catch (cancellation) {
      await sleep(1);
      const { message } = cancellation as Error;
      this.#note(`${name} beaten${message === "" ? "" : `: ${message}`}`);
      throw cancellation;
    }
    this.#note(`${name} ${error === null ? "wins" : "fails"}`);
    if (error !== null) throw error;
    return name;
  }
}

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

describe("staggeredRace", () => {
  test("gives the first value, where it came from, and an entry for each start that was made", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const { value, index, errors } = await staggeredRace(
        [field.fails("a", 5), field.wins("b", 100), field.wins("c", 10), field.wins("d", 0)],
        { delay: 20 },
      );
      expect([value, index]).toEqual(["c", 2]);
      expect(errors).toEqual([new Error("a"), expect.any(CancelledError), null]);
    }));

  test("starts the next after the delay, or when the one before it fails; a winner ends the race when the others have ended", () =>
    inVirtualTime(async () => {
      const field = new Field();
      await staggeredRace(
        [field.fails("a", 30), field.fails("b", 5), field.wins("c", 50), field.wins("d", 10), field.wins("e", 0)],
        { delay: "20ms" },
      );
      expect(field.log).toEqual([
        "0 a starts",
        "20 b starts",
        "25 b fails",
        "25 c starts",
        // A start that was followed already brings no other in.
        "30 a fails",
        "45 d starts",
        "55 d wins",
        "56 c beaten",
      ]);
    }));

  test("without a delay, starts the next only when the one before it has failed", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const starts = [field.fails("a", 1000), field.wins("b", 1000), field.wins("c", 0)];
      expect(await staggeredRace(starts, { delay: null })).toEqual({
        value: "b",
        index: 1,
        errors: [new Error("a"), null],
      });
      expect(field.log).toEqual(["0 a starts", "1000 a fails", "1000 b starts", "2000 b wins"]);
    }));

  test("with a delay of zero, starts one in each iteration; a win in its first step leaves no second", () =>
    inVirtualTime(async () => {
      const field = new Field();
      expect((await staggeredRace([field.wins("a", 0), field.wins("b", 0)], { delay: 0 })).errors).toEqual([null]);
      await staggeredRace([field.wins("c", 2), field.wins("d", 1)], { delay: 0 });
      expect(field.log.slice(2, 5)).toEqual(["0 c starts", "0 d starts", "1 d wins"]);
    }));

  test("throws all errors, in the order of the starts, when none succeeds", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const error = await errorOf(staggeredRace([field.fails("a", 10), field.fails("b", 1)], { delay: 5 }));
      expect(error).toBeInstanceOf(ExceptionGroup);
      expect(error.message).toBe("no start of staggeredRace succeeded (2 sub-exceptions)");
      expect(error.errors).toEqual([new Error("a"), new Error("b")]);
    }));

  test("takes a start that throws at the call, or is cancelled from elsewhere, as one that has failed", () =>
    inVirtualTime(async () => {
      const thrown = new Error("at once");
      const starts = [
        () => {
          throw thrown;
        },
        async () => {
          currentTask()!.cancel();
          await sleep(1);
          return 1;
        },
        async () => 2,
      ];
      const { value, errors } = await staggeredRace(starts, { delay: null });
      expect(value).toBe(2);
      expect(errors).toEqual([thrown, expect.any(CancelledError), null]);
    }));

  test("takes whatever can be awaited from a start", () =>
    inVirtualTime(async () => {
      const future = new Future<number>();
      getRunningLoop().callLater(5, () => future.setResult(7));
      expect((await staggeredRace([() => future], { delay: null })).value).toBe(7);
      expect((await staggeredRace([() => Promise.resolve(8)], { delay: null })).value).toBe(8);
    }));

  test("lets only the first of two win that come at once, and drops the value of one that was beaten", () =>
    inVirtualTime(async () => {
      const gate = new Future<void>();
      const log: string[] = [];
      const start = (name: string) => async () => {
        try {
          await gate;
        } catch {
          log.push(`${name} beaten`);
        }
        return name;
      };
      getRunningLoop().callLater(5, () => gate.setResult());
      const won = await staggeredRace([start("a"), start("b")], { delay: 1 });
      expect(won).toEqual({ value: "a", index: 0, errors: [null, null] });
      expect(log).toEqual(["b beaten"]);
    }));

  test("makes no start for one that fails in the iteration in which another wins", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const [winning, failing] = [new Future<string>(), new Future<string>()];
      getRunningLoop().callLater(5, () => {
        failing.setException(new Error("failed"));
        winning.setResult("won");
      });
      const starts = [() => winning, () => failing, field.wins("c", 0)];
      const { value, errors } = await staggeredRace(starts, { delay: 3 });
      expect([value, errors, field.log]).toEqual(["won", [null, new Error("failed")], []]);
    }));

  test("reads the iterable when a start is needed, and leaves it when somebody has won", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const log: unknown[] = [];
      function* starts() {
        try {
          for (let n = 0; ; n++) {
            log.push(`${n} at ${getRunningLoop().time()}`);
            yield field.wins(`${n}`, 25);
          }
        } finally {
          log.push("left");
        }
      }
      const since = getRunningLoop().time();
      expect(since).toBe(0);
      await staggeredRace(starts(), { delay: 10 });
      expect(log).toEqual(["0 at 0", "1 at 10", "2 at 20", "left"]);
    }));

  test("throws what the iterable throws, when those that run were cancelled and have ended", () =>
    inVirtualTime(async () => {
      const field = new Field();
      function* starts() {
        yield field.wins("a", 100);
        throw new Error("no more");
      }
      expect(await errorOf(staggeredRace(starts(), { delay: 10 }))).toEqual(new Error("no more"));
      expect(field.log).toEqual(["0 a starts", "11 a beaten"]);
      const stuck = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: field.wins("b", 0) }),
          return(): never {
            throw new Error("cannot leave");
          },
        }),
      };
      expect(await errorOf(staggeredRace(stuck, { delay: null }))).toEqual(new Error("cannot leave"));
    }));

  test("runs each start in a copy of the context of who awaits the race", () =>
    inVirtualTime(async () => {
      const name = new ContextVar<string>("name");
      const seen: string[] = [];
      const start = async () => {
        seen.push(name.get());
        name.set("changed");
        await sleep(1);
        throw new Error("failed");
      };
      name.set("race");
      await errorOf(staggeredRace([start, start, start], { delay: null }));
      await errorOf(staggeredRace([start, start], { delay: 0 }));
      expect([...seen, name.get()]).toEqual(["race", "race", "race", "race", "race", "race"]);
    }));

  test("with eager tasks, is won without waiting when a start is", () =>
    inVirtualTime(async () => {
      const loop = getRunningLoop();
      loop.setTaskFactory(eagerTaskFactory);
      const log: string[] = [];
      loop.callSoon(() => log.push("next iteration"));
      const at = async (name: string) => name;
      const { value } = await staggeredRace([() => at("a"), () => at("b")], { delay: 10 });
      log.push(value);
      const failing = async () => {
        throw new Error("failed");
      };
      const { index } = await staggeredRace([failing, failing, () => at("c")], { delay: null });
      expect([...log, index]).toEqual(["a", "next iteration", 2]);
      loop.setTaskFactory(null);
    }));

  test("throws a KeyboardInterrupt of a start by itself", async () => {
    const interrupt = new KeyboardInterrupt();
    const log: string[] = [];
    const main = async () => {
      const other = async () => {
        try {
          await sleep(1000);
        } finally {
          log.push("cancelled");
        }
      };
      const interrupted = async () => {
        throw interrupt;
      };
      try {
        await staggeredRace([other, interrupted], { delay: 0 });
      } catch (error) {
        log.push(error === interrupt ? "interrupt" : String(error));
      }
    };
    const loop = newEventLoop({ host: new VirtualHost() });
    expect(await errorOf(run(main, { loopFactory: () => loop, handleSignals: false }))).toBe(interrupt);
    expect(log).toEqual(["cancelled", "interrupt"]);
  });

  test("shows in the call graph who waits", () =>
    inVirtualTime(async () => {
      let graph = "";
      const start = async () => {
        await sleep(1);
        graph = formatCallGraph();
      };
      await createTask((async () => await staggeredRace([start], { delay: null }))(), { name: "outer" });
      expect(graph).toMatch(/async start\(\)[\s\S]*Awaited by:[\s\S]*Task\(name='outer'\) waits in staggeredRace/);
    }));

  test("is a coroutine: nothing starts before it is awaited, and it is awaited once", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const race = staggeredRace([field.wins("a", 0)], { delay: null });
      await sleep(5);
      expect([race.state, field.log]).toEqual(["created", []]);
      await race;
      expect((await errorOf((async () => await race)())).message).toBe(
        "Cannot await staggeredRace: it has already been awaited; call it again",
      );
      const closed = staggeredRace([field.wins("b", 0)], { delay: null });
      closed.close();
      expect((await errorOf((async () => await closed)())).message).toMatch("it has already been awaited");
    }));

  test("rejects wrong arguments at the call, and what is no start in its turn", () =>
    inVirtualTime(async () => {
      const co = sleep(1);
      for (const wrong of [5, null, "ab", co, new Future()])
        expect(() => staggeredRace(wrong as never, { delay: null })).toThrow(
          "expected an iterable of coroutine functions",
        );
      expect(() => staggeredRace([], { delay: NaN })).toThrow(RangeError);
      expect(() => staggeredRace([], {} as never)).toThrow("Cannot read duration undefined");
      expect(await errorOf(staggeredRace([], { delay: null }))).toEqual(
        new RangeError("Cannot race: there are no starts"),
      );
      expect(await errorOf(staggeredRace([co as never], { delay: null }))).toEqual(
        new TypeError('Cannot start coroutine "sleep": pass a function that calls it: () => sleep(...)'),
      );
      expect(await errorOf(staggeredRace([5 as never], { delay: null }))).toEqual(
        new TypeError("Cannot start 5: expected a coroutine function"),
      );
    }));

  test("types the value by what the starts give", () => {
    const types = async () => {
      const one = staggeredRace([async () => 1, async () => 2], { delay: "250ms" });
      expectTypeOf(one).toEqualTypeOf<Coroutine<RaceWinner<number>>>();
      expectTypeOf((await one).value).toEqualTypeOf<number>();
      const either = staggeredRace(
        [async () => 1, async () => "two", (): Promise<never> => Promise.reject(new Error())],
        { delay: null },
      );
      expectTypeOf((await either).value).toEqualTypeOf<number | string>();
      const hedged = async <T>(ask: () => Awaitable<T>): Promise<T> =>
        (await staggeredRace([ask, ask], { delay: 50 })).value;
      expectTypeOf(await hedged(async () => true)).toEqualTypeOf<boolean>();
      // @ts-expect-error the delay is for the caller to choose
      staggeredRace([async () => 1]);
      // @ts-expect-error coroutines that have been made already
      staggeredRace([sleep(1)], { delay: null });
    };
    expect(types).toBeTypeOf("function");
  });
});

describe("staggeredRace when cancelled", () => {
  test("cancels the starts, waits for them, and makes no more", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const starts = [field.wins("a", 100), field.wins("b", 100), field.wins("c", 100)];
      const race = createTask(staggeredRace(starts, { delay: 10 }));
      await sleep(15);
      race.cancel("enough");
      await sleep(0);
      // Does not hurry them.
      race.cancel("now");
      const error = await errorOf(race);
      expect(error).toBeInstanceOf(CancelledError);
      expect(error.message).toBe("enough");
      expect(field.log).toEqual(["0 a starts", "10 b starts", "16 a beaten: enough", "16 b beaten: enough"]);
    }));

  test("before the first start has run, runs none", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const victim = createTask(
        (async () => {
          currentTask()!.cancel();
          await staggeredRace([field.wins("a", 0)], { delay: null });
        })(),
      );
      await errorOf(victim);
      expect([victim.cancelled(), field.log]).toEqual([true, []]);
    }));

  test("between a failure and the next start, makes none", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const race = createTask(
        staggeredRace(
          [
            async () => {
              getRunningLoop().callSoon(() => race.cancel());
              throw new Error("failed");
            },
            field.wins("b", 0),
          ],
          { delay: null },
        ),
      );
      expect(await errorOf(race)).toBeInstanceOf(CancelledError);
      expect(field.log).toEqual([]);
    }));

  test("in the iteration in which it is won, or while the beaten end, gives the value; the cancellation strikes at the next wait", () =>
    inVirtualTime(async () => {
      for (const other of [null, "slow to end"]) {
        const field = new Field();
        const log: unknown[] = [];
        const victim = createTask(
          (async () => {
            const starts = other === null ? [] : [field.wins(other, 1000)];
            const { value } = await staggeredRace(
              [
                ...starts,
                async () => {
                  await sleep(1);
                  getRunningLoop().callSoon(() => victim.cancel("too late"));
                  return "won";
                },
              ],
              { delay: 5 },
            );
            log.push(value, currentTask()!.cancelling());
            await sleep(1);
            log.push("not reached");
          })(),
        );
        expect((await errorOf(victim)).message).toBe("too late");
        expect(log).toEqual(["won", 1]);
      }
    }));

  test("by a scope or a timeout, gives a value that is there, and else is over when the starts are", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const kept = await cancelScope(async (scope) => {
        const start = async () => {
          await sleep(1);
          getRunningLoop().callSoon(() => scope.cancel());
          return "won";
        };
        return (await staggeredRace([start], { delay: null })).value;
      });
      expect(kept).toBe("won");
      const lost = await errorOf(timeout(10, () => staggeredRace([field.wins("a", 100)], { delay: null })));
      expect(lost.name).toBe("TimeoutError");
      expect(field.log).toEqual(["1 a starts", "12 a beaten"]);
      await sleep(1);
      expect(currentTask()!.cancelling()).toBe(0);
    }));

  test("gives the value of a start that does not heed it", () =>
    inVirtualTime(async () => {
      const stubborn = async () => {
        try {
          await sleep(100);
        } catch {
          await sleep(1);
        }
        return "all the same";
      };
      const limited = timeout(10, async () => (await staggeredRace([stubborn], { delay: null })).value);
      expect(await limited).toBe("all the same");
    }));

  test("and closed while it waits, cancels the starts", () =>
    inVirtualTime(async () => {
      const field = new Field();
      const race = staggeredRace([field.wins("a", 100)], { delay: null });
      const holder = (async () => await race)() as Coroutine<RaceWinner<string>>;
      const task = createTask(holder);
      await sleep(5);
      holder.close();
      expect((await errorOf(task)).message).toMatch("it has already been awaited");
      expect(field.log).toEqual(["0 a starts", "6 a beaten"]);
      expect(allTasks().size).toBe(1);
    }));

  test("at any moment, leaves nothing behind and loses nothing that was won", async () => {
    const outcomes = new Set<boolean>();
    const make = () => {
      let open = 0;
      let held: number | null = null;
      const start = (n: number, delay: number) => async () => {
        open++;
        try {
          await sleep(delay);
        } catch (error) {
          open--;
          await sleep(0);
          throw error;
        }
        return n;
      };
      return {
        victim: async () => {
          const { value } = await staggeredRace([start(1, 9), start(2, 2), start(3, 2)], { delay: 1 });
          held = value;
          open--;
        },
        check(cancelled: boolean) {
          expect(open).toBe(0);
          expect(cancelled || held !== null).toBe(true);
        },
      };
    };
    for (const moment of moments()) outcomes.add(await inject(make, moment));
    expect(outcomes).toEqual(new Set([true, false]));
  });
});
