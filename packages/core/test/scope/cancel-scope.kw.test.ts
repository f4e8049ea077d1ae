import {
  type CancelScope,
  CancelledError,
  type Coroutine,
  ExceptionGroup,
  type Future,
  Queue,
  TimeoutError,
  cancelScope,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  mapConcurrent,
  moveOnAfter,
  newEventLoop,
  run,
  sleep,
  taskGroup,
  timeout,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

const virtually = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

async function fail(message: string): Promise<never> {
  throw new Error(message);
}

/** How many of `n` waits in a row are cancelled. */
async function struck(n: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < n; i++) if ((await errorOf(sleep(i))) instanceof CancelledError) count++;
  return count;
}

describe("cancelScope", () => {
  test("gives what the body gives when nobody cancels it", () =>
    run(async () => {
      let kept!: CancelScope;
      expect(await cancelScope(async (scope) => ((kept = scope), await sleep(0, "value")))).toBe("value");
      expect([kept.cancelCalled, kept.cancelledCaught, String(kept)]).toEqual([
        false,
        false,
        "<CancelScope [finished]>",
      ]);
    }));

  test("cancelled, every wait inside throws until the body is left, and then none", () =>
    run(async () => {
      let kept!: CancelScope;
      const value = await cancelScope(async (scope) => {
        kept = scope;
        scope.cancel();
        scope.cancel();
        expect(await struck(5)).toBe(5);
        await sleep(0);
        return "not reached";
      });
      expect([value, kept.cancelCalled, kept.cancelledCaught]).toEqual([undefined, true, true]);
      expect([await struck(3), currentTask()!.cancelling()]).toEqual([0, 0]);
    }));

  test("cancelled by another task, the wait in progress throws in the next iteration", () =>
    run(async () => {
      const log: string[] = [];
      let kept!: CancelScope;
      const task = createTask(
        cancelScope(async (scope) => {
          kept = scope;
          try {
            await sleep(1000);
          } finally {
            log.push("struck");
          }
        }),
      );
      await sleep(0);
      kept.cancel();
      await sleep(0);
      expect([log, task.done(), task.cancelled(), task.cancelling()]).toEqual([["struck"], true, false, 0]);
    }));

  test("cancelled while it gives way, that throws too", () =>
    run(async () => {
      let kept!: CancelScope;
      const task = createTask(
        cancelScope(async (scope) => {
          kept = scope;
          for (;;) await sleep(0);
        }),
      );
      await sleep(0);
      kept.cancel();
      await sleep(0);
      expect(task.done()).toBe(true);
    }));

  test("a value that has come already when it is cancelled is not lost", () =>
    run(async () => {
      const queue = new Queue<string>();
      let kept!: CancelScope;
      const seen: unknown[] = [];
      const task = createTask(
        cancelScope(async (scope) => {
          kept = scope;
          seen.push(await queue.get());
          seen.push(await errorOf(queue.get()));
        }),
      );
      await sleep(0);
      queue.putNowait("item");
      kept.cancel();
      await task;
      expect(seen).toEqual(["item", expect.any(CancelledError)]);
    }));

  test("a promise that is settled when it is cancelled gives its value, and nothing of the cancellation is left over", () =>
    run(async () => {
      const seen = await cancelScope(async (scope) => {
        getRunningLoop().callSoon(() => scope.cancel());
        return await Promise.resolve("kept");
      });
      expect(seen === "kept" || seen === undefined).toBe(true);
      expect(await struck(2)).toBe(0);
    }));

  test("a body that does not wait any more after the cancellation gives its value", () =>
    run(async () => {
      let kept!: CancelScope;
      const value = await cancelScope(async (scope) => {
        kept = scope;
        scope.cancel();
        return "value";
      });
      expect([value, kept.cancelCalled, kept.cancelledCaught, await struck(2)]).toEqual(["value", true, false, 0]);
    }));

  test("the errors of a body that is cancelled come out", () =>
    run(async () => {
      const body = async (scope: CancelScope) => {
        scope.cancel();
        try {
          await sleep(0);
        } finally {
          await fail("in cleanup");
        }
      };
      expect(await errorOf(cancelScope(body))).toEqual(new Error("in cleanup"));
      expect(await struck(1)).toBe(0);
    }));

  test("is cancelled at its deadline, which can be moved", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const ends: unknown[] = [];
      for (const moves of [[], [200], [2000], [2000, 300], [Infinity, 700]]) {
        const start = loop.time();
        await cancelScope(
          async (scope) => {
            for (const move of moves) scope.deadline = start + move;
            expect(scope.deadline).toBe(start + (moves.at(-1) ?? 1000));
            await sleep(5000);
          },
          { deadline: start + 1000 },
        );
        ends.push(loop.time() - start);
      }
      expect([ends, loop.statistics().timers]).toEqual([[1000, 200, 2000, 300, 700], 0]);
    }));

  test("with a deadline that is past, is cancelled from the start; one set to the past cancels at once", () =>
    virtually(async () => {
      await cancelScope(async (scope) => expect([scope.cancelCalled, await struck(2)]).toEqual([true, 2]), {
        deadline: -1,
      });
      await cancelScope(async (scope) => {
        scope.deadline = -1;
        expect([scope.cancelCalled, await struck(2)]).toEqual([true, 2]);
      });
    }));

  test("cancels the scopes inside it, and catches for them; a shield keeps it out", () =>
    run(async () => {
      let inner!: CancelScope;
      const log: unknown[] = [];
      await cancelScope(async (outer) => {
        outer.cancel();
        await cancelScope(async () => log.push("shielded", await struck(2)), { shield: true });
        await errorOf(
          cancelScope(async (scope) => {
            inner = scope;
            scope.cancel();
            await sleep(0);
          }),
        );
        log.push("inner", inner.cancelledCaught, await struck(2));
        await sleep(0);
        log.push("not reached");
      });
      expect(log).toEqual(["shielded", 0, "inner", false, 2]);
    }));

  test("reaches inwards as far as the first shield, also what is entered later", () =>
    virtually(async () => {
      const log: string[] = [];
      const waits = async (name: string) => {
        try {
          await sleep(1);
          log.push(`${name} waits`);
        } catch {
          log.push(`${name} is cancelled`);
        }
      };
      await cancelScope(async (outer) => {
        await cancelScope(async () => {
          await cancelScope(
            async () => {
              await cancelScope(async () => {
                outer.cancel();
                await waits("inside of the shield");
              });
              await cancelScope(() => waits("later inside of the shield"));
            },
            { shield: true },
          );
          await cancelScope(() => waits("outside of the shield"));
        });
      });
      expect(log).toEqual([
        "inside of the shield waits",
        "later inside of the shield waits",
        "outside of the shield is cancelled",
      ]);
    }));

  test("goes 20,000 scopes deep, and the outermost cancels the innermost", () =>
    run(async () => {
      let outermost: CancelScope | undefined;
      const deeper = async (depth: number): Promise<string | undefined> => {
        if (depth > 0)
          return await cancelScope((scope) => {
            outermost ??= scope;
            return deeper(depth - 1);
          });
        outermost?.cancel();
        await sleep("1h");
        return "not cancelled";
      };
      expect(await deeper(20_000)).toBeUndefined();
      expect(outermost?.cancelledCaught).toBe(true);
    }));

  test("a shield inside catches its own cancellation while the scope around it is cancelled", () =>
    run(async () => {
      const log: unknown[] = [];
      await cancelScope(async (outer) => {
        outer.cancel();
        const value = await cancelScope(
          async (scope) => {
            await sleep(0);
            scope.cancel();
            await sleep(0);
          },
          { shield: true },
        );
        log.push(value, await struck(1));
      });
      expect(log).toEqual([undefined, 1]);
    }));

  test("the scope outside does not cancel what comes after the inner one", () =>
    run(async () => {
      const log: unknown[] = [];
      await cancelScope(async () => {
        await cancelScope(async (inner) => {
          inner.cancel();
          await sleep(0);
        });
        log.push(await struck(2));
      });
      expect(log).toEqual([0]);
    }));

  test("task.cancel() goes through, shield or not, strikes once, and is not caught", () =>
    run(async () => {
      for (const shield of [false, true]) {
        let kept!: CancelScope;
        const log: unknown[] = [];
        const task = createTask(
          cancelScope(
            async (scope) => {
              kept = scope;
              const error = await errorOf(sleep(1000));
              log.push(error, await struck(1));
              throw error;
            },
            { shield },
          ),
        );
        await sleep(0);
        task.cancel("from outside");
        expect(await errorOf(task)).toBe(log[0]);
        expect([log, kept.cancelledCaught]).toEqual([[new CancelledError("from outside"), 0], false]);
      }
    }));

  test("task.cancel() together with the scope's own cancellation wins", () =>
    run(async () => {
      for (const first of ["task", "scope"]) {
        let kept!: CancelScope;
        const task = createTask(cancelScope(async (scope) => ((kept = scope), await sleep(1000))));
        await sleep(0);
        if (first === "task") task.cancel();
        kept.cancel();
        task.cancel();
        expect(await errorOf(task)).toBeInstanceOf(CancelledError);
        expect(task.cancelled()).toBe(true);
      }
    }));

  test("a task that is under cancellation already can use it in its cleanup", () =>
    run(async () => {
      const log: unknown[] = [];
      const task = createTask(
        (async () => {
          try {
            await sleep(1000);
          } finally {
            log.push(
              await cancelScope(async (scope) => (getRunningLoop().callSoon(() => scope.cancel()), await sleep(1000))),
            );
            log.push(await struck(1));
          }
        })(),
      );
      await sleep(0);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(log).toEqual([undefined, 0]);
    }));

  test("a cancellation that was asked for before and not delivered is not taken for its own", () =>
    run(async () => {
      const task = createTask(
        (async () => {
          currentTask()!.cancel();
          await cancelScope(async (scope) => scope.cancel());
          await sleep(0);
        })(),
      );
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
    }));

  test("a task group inside is cancelled with its tasks, and waits for them without being struck again and again", () =>
    run(async () => {
      const log: string[] = [];
      const loop = getRunningLoop();
      let before = 0;
      await cancelScope(async (scope) => {
        loop.callSoon(() => scope.cancel());
        await taskGroup(async (tg) => {
          tg.createTask(
            (async () => {
              try {
                await sleep(1000);
              } finally {
                before = loop.statistics().iterations;
                await sleep(5);
                log.push(`cleaned up in ${loop.statistics().iterations - before < 20 ? "few" : "many"} iterations`);
              }
            })(),
          );
          await sleep(1000);
        });
      });
      expect(log).toEqual(["cleaned up in few iterations"]);
      expect(await struck(1)).toBe(0);
    }));

  test("cancelled again while the group winds down, still waits for the tasks", () =>
    run(async () => {
      const log: string[] = [];
      await cancelScope(async (outer) => {
        await cancelScope(async (scope) => {
          await taskGroup(async (tg) => {
            tg.createTask(
              (async () => {
                try {
                  scope.cancel();
                  await sleep(1000);
                } finally {
                  await sleep(0);
                  outer.cancel();
                  await sleep(0);
                  log.push("cleaned up");
                }
              })(),
            );
          });
        });
        log.push("not reached");
      });
      expect(log).toEqual(["cleaned up"]);
    }));

  test("the error of a task of a group inside comes out", () =>
    run(async () => {
      const body = async (scope: CancelScope) => {
        await taskGroup(async (tg) => {
          tg.createTask(
            (async () => {
              try {
                await sleep(1000);
              } finally {
                await fail("in cleanup");
              }
            })(),
          );
          await sleep(0);
          scope.cancel();
          await sleep(1000);
        });
      };
      expect(await errorOf(cancelScope(body))).toBeInstanceOf(ExceptionGroup);
      expect(await struck(1)).toBe(0);
    }));

  test("timeouts inside go by their own rules", () =>
    virtually(async () => {
      const log: unknown[] = [];
      await cancelScope(async (scope) => {
        log.push(await errorOf(timeout(10, async () => await sleep(1000))));
        scope.cancel();
        log.push(await errorOf(timeout(10, async () => await sleep(1000))));
        await sleep(0);
      });
      expect(log).toEqual([expect.any(TimeoutError), expect.any(CancelledError)]);
    }));

  test("gather, mapConcurrent and tasks that are awaited inside are cancelled", () =>
    run(async () => {
      const log: string[] = [];
      const work = async (name: string) => {
        try {
          await sleep(1000);
        } finally {
          log.push(name);
        }
      };
      const bodies = [
        async () => void (await gather(work("a"), work("b"))),
        async () => await createTask(work("c")),
        async () => {
          for await (const _ of mapConcurrent(["d"], work, { limit: 1 }));
        },
      ];
      for (const body of bodies) {
        await cancelScope(async (scope) => {
          const task = createTask(sleep(1));
          getRunningLoop().callLater(1, () => scope.cancel());
          await body();
          await task;
        });
      }
      expect(log).toEqual(["a", "b", "c", "d"]);
    }));

  test("belongs to the task that runs its body", () =>
    run(async () => {
      let free!: Future<string>;
      await cancelScope(async (scope) => {
        free = createTask(sleep(1, "free"));
        scope.cancel();
      });
      expect(await free).toBe("free");
    }));

  test("throws wrong arguments at the call, and a missing task when it begins", () =>
    run(async () => {
      expect(() => cancelScope(5 as never)).toThrow(TypeError);
      expect(() => cancelScope(async () => {}, { deadline: NaN })).toThrow(
        "Cannot set the deadline of CancelScope: expected loop.time() milliseconds, received NaN",
      );
      expect(() => cancelScope(async () => {}).send()).toThrow(
        "Cannot enter CancelScope: there is no current task; use it inside a task",
      );
    }));

  test("types its result by the body", () => {
    const types = () => {
      expectTypeOf(cancelScope(async (scope) => scope.deadline)).toEqualTypeOf<Coroutine<number | undefined>>();
      expectTypeOf(
        cancelScope(function* () {
          return "x";
        }),
      ).toEqualTypeOf<Coroutine<string | undefined>>();
    };
    expect(types).toBeTypeOf("function");
  });
});

describe("moveOnAfter", () => {
  test("says whether the time was up", () =>
    virtually(async () => {
      expect(await moveOnAfter("1s", async () => await sleep(5, "value"))).toEqual({
        cancelled: false,
        value: "value",
      });
      expect(await moveOnAfter(10, async () => await sleep(50))).toEqual({ cancelled: true });
      expect(getRunningLoop().time()).toBe(15);
    }));

  test("with no time at all, is over at the first wait", () =>
    run(async () => {
      expect(await moveOnAfter(0, async () => await sleep(0))).toEqual({ cancelled: true });
      expect(await moveOnAfter(-1, async () => "value")).toEqual({ cancelled: false, value: "value" });
    }));

  test("has no limit for null", () =>
    virtually(async () => {
      expect(await moveOnAfter(null, async () => await sleep("1h", "value"))).toMatchObject({ value: "value" });
    }));

  test("of nested ones the outer one catches what is its own", () =>
    virtually(async () => {
      const result = await moveOnAfter(10, async () => {
        const inner = await moveOnAfter(100, async () => await sleep(1000));
        return inner.cancelled;
      });
      expect(result).toEqual({ cancelled: true });
    }));

  test("its scope can be moved and cancelled by the body", () =>
    virtually(async () => {
      const moved = await moveOnAfter(10, async (scope) => {
        scope.deadline += 100;
        return await sleep(50, "value");
      });
      expect(moved.value).toBe("value");
      expect(await moveOnAfter("1h", async (scope) => (scope.cancel(), await sleep(1)))).toEqual({ cancelled: true });
    }));

  test("cancelled by somebody else, throws CancelledError; errors come out", () =>
    run(async () => {
      const task = createTask(moveOnAfter(1000, async () => await sleep(1000)));
      await sleep(0);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      const fails = async () => {
        throw new Error("inside");
      };
      expect(await errorOf(moveOnAfter(1000, fails))).toEqual(new Error("inside"));
    }));

  test("types value by cancelled", () => {
    const types = async () => {
      const result = await moveOnAfter(5, async () => 5);
      if (result.cancelled) expectTypeOf(result.value).toEqualTypeOf<undefined>();
      else expectTypeOf(result.value).toEqualTypeOf<number>();
    };
    expect(types).toBeTypeOf("function");
  });
});
