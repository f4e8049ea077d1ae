import {
  Barrier,
  CancelledError,
  Condition,
  Event,
  type EventLoop,
  Lock,
  Queue,
  RuntimeError,
  Semaphore,
  type Timeout,
  TimeoutError,
  asCompleted,
  createTask,
  currentTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  newEventLoop,
  shield,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
  wait,
  waitFor,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import measured from "../../../conformance/pairs/golden-order.txt?raw";

type Log = (line: string) => void;

const immediate = async (value?: unknown): Promise<unknown> => value;
const range = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const python = (value: boolean): string => (value ? "True" : "False");

/** The scenarios of golden_order_1.py and golden_order_2.py, which printed the table, line by line. */
const scenarios: Record<string, (log: Log, loop: EventLoop) => Promise<void>> = {
  async create_task_await(log) {
    const task = createTask((async () => log("child"))());
    log("created");
    await task;
    log("resumed");
  },
  async await_coro(log) {
    log("a");
    await immediate();
    log("b");
  },
  async await_done_future(log, loop) {
    const future = loop.createFuture<number>();
    future.setResult(1);
    log("a");
    await future;
    log("b");
  },
  async sleep0(log) {
    log("a");
    await sleep(0);
    log("b");
  },
  async fut_set_by_call_soon(log, loop) {
    const future = loop.createFuture<number>();
    log("a");
    loop.callSoon(() => (log("set"), future.setResult(1)));
    await future;
    log("b");
  },
  async cbs_order(log, loop) {
    const future = loop.createFuture<number>();
    future.addDoneCallback(() => log("cb1"));
    range(2, (n) => createTask((async () => (await future, log(`w${n}`)))()));
    await sleep(0);
    future.addDoneCallback(() => log("cb2"));
    loop.callSoon(() => log("soon-before"));
    log("set");
    future.setResult(1);
    future.addDoneCallback(() => log("cb-after-done"));
    loop.callSoon(() => log("soon-after"));
    await sleep(0);
    log("main");
    await sleep(0);
    log("main2");
  },
  async gather_imm(log) {
    const child = async (i: number): Promise<void> => log(`c${i}`);
    log("a");
    await gather(child(0), child(1));
    log("b");
  },
  async gather_empty(log) {
    log("a");
    await gather();
    log("b");
  },
  async gather_done_futs(log, loop) {
    const future = loop.createFuture<number>();
    future.setResult(1);
    log("a");
    const gathered = gather(future);
    log(gathered.done() ? "gdone" : "gpending");
    await gathered;
    log("b");
  },
  async wait_imm(log) {
    const tasks = range(2, (i) => createTask((async () => log(`c${i}`))()));
    log("a");
    await wait(tasks);
    log("b");
  },
  async wait_all_done(log) {
    const tasks = range(2, () => createTask(immediate()));
    await sleep(0);
    log("a");
    await wait(tasks);
    log("b");
  },
  async wait_for_coro(log) {
    log("a");
    await waitFor(immediate(), 10_000);
    log("b");
  },
  async wait_for_task(log) {
    const task = createTask(immediate());
    log("a");
    await waitFor(task, 10_000);
    log("b");
  },
  async wait_for_zero(log) {
    log("a");
    try {
      await waitFor((async () => log("never"))(), 0);
    } catch (error) {
      if (error instanceof TimeoutError) log("timeout");
    }
  },
  async timeout_zero(log) {
    log("a");
    try {
      await timeout(0, async () => {
        log("in");
        await sleep(10_000);
      });
    } catch (error) {
      if (error instanceof TimeoutError) log("timeout");
    }
  },
  async timeout_zero_noawait(log) {
    log("a");
    const limit = await timeout(0, async (limit) => (log("in"), limit));
    log("out");
    await sleep(0);
    log("after");
    log(python(limit.expired()));
  },
  async taskgroup_one(log) {
    log("a");
    await taskGroup(async (tg) => void tg.createTask((async () => log("child"))()));
    log("b");
  },
  async taskgroup_empty(log) {
    log("a");
    await taskGroup(async () => {});
    log("b");
  },
  async shield_task(log) {
    log("a");
    await shield((async () => log("child"))());
    log("b");
  },
  async cancel_task_waiting(log) {
    const task = createTask(
      (async () => {
        try {
          await sleep(10_000);
        } catch (error) {
          log("C in child");
          throw error;
        }
      })(),
    );
    await sleep(0);
    log("cancel");
    task.cancel();
    log(`cancelled=${python(task.cancelled())}`);
    await cancelled(task, () => log("C in main"));
  },
  async cancel_before_start(log) {
    const task = createTask((async () => log("never"))());
    log("cancel");
    task.cancel();
    await cancelled(task, () => log("C in main"));
  },
  async cancel_chain3(log) {
    const logged = async (aw: PromiseLike<unknown>, name: string): Promise<void> => {
      try {
        await aw;
      } catch (error) {
        log(name);
        throw error;
      }
    };
    const middle = async (): Promise<void> => await logged(createTask(logged(sleep(10_000), "leaf")), "mid");
    const task = createTask(middle());
    await sleep(0);
    await sleep(0);
    log("cancel");
    task.cancel();
    await cancelled(task, () => log("main"));
  },
  async lock_handoff(log) {
    const lock = new Lock();
    await lock.acquire();
    range(3, (n) => createTask((async () => (await lock.acquire(), log(`got${n}`), lock.release()))()));
    await sleep(0);
    log("release");
    lock.release();
    log(`locked=${python(lock.locked())}`);
    await lock.acquire();
    log("main got");
    lock.release();
  },
  async event_set(log) {
    const event = new Event();
    range(3, (n) => createTask((async () => (await event.wait(), log(`w${n}`)))()));
    await sleep(0);
    log("set");
    event.set();
    event.clear();
    await sleep(0);
    log("main");
  },
  async cond_notify(log) {
    const condition = new Condition();
    const waiting = async (n: number): Promise<void> => {
      using _guard = await condition.acquire();
      await condition.wait();
      log(`w${n}`);
    };
    const tasks = range(3, (n) => createTask(waiting(n)));
    await sleep(0);
    await condition.acquire();
    log("notify_all");
    condition.notifyAll();
    condition.release();
    log("released");
    await gather(...tasks);
    log("end");
  },
  async sem_handoff(log) {
    const semaphore = new Semaphore(0);
    const tasks = range(3, (n) => createTask((async () => (await semaphore.acquire(), log(`w${n}`)))()));
    await sleep(0);
    semaphore.release();
    semaphore.release();
    log(`rel v=${semaphore.statistics().value}`);
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
    tasks[2].cancel();
  },
  async queue_put_get(log) {
    const queue = new Queue<string>();
    range(2, (n) => createTask((async () => log(`g${n}=${await queue.get()}`))()));
    await sleep(0);
    log("put");
    queue.putNowait("a");
    queue.putNowait("b");
    await sleep(0);
    log("main");
  },
  async barrier3(log) {
    const barrier = new Barrier(3);
    const tasks = range(3, (n) => createTask((async () => log(`w${n}->${await barrier.wait()}`))()));
    log("a");
    await gather(...tasks);
    log("b");
  },
  async as_completed_sync(log) {
    const child = async (i: number): Promise<number> => (log(`c${i}`), i);
    log("a");
    for (const next of asCompleted([child(0)])) log(`r${await next}`);
  },
  async as_completed_async(log) {
    const child = async (i: number): Promise<number> => (log(`c${i}`), i);
    log("a");
    for await (const task of asCompleted([child(0)])) log(`r${task.result()}`);
  },
  async call_later0_vs_soon(log, loop) {
    loop.callLater(0, () => log("later0"));
    loop.callSoon(() => log("soon"));
    loop.callLater(-1000, () => log("later-1"));
    log("a");
    await sleep(0);
    log("main1");
    await sleep(0);
    log("main2");
  },
  async stop_semantics(log, loop) {
    loop.callSoon(() => log("s1"));
    loop.callSoon(() => (log("stop"), loop.stop(), loop.callSoon(() => log("next-iter"))));
    loop.callSoon(() => log("s3"));
    log("a");
    await loop.createFuture();
  },
  async fairness_sleep0(log) {
    const looping = async (name: string): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        log(`${name}${i}`);
        await sleep(0);
      }
    };
    await gather(looping("a"), looping("b"));
  },
  async gather_first_error(log) {
    const good = async (): Promise<void> => (await sleep(0), await sleep(0), log("ok-done"));
    const bad = async (): Promise<void> => {
      log("bad");
      throw new RangeError("x");
    };
    log("g");
    try {
      await gather(good(), bad());
    } catch {
      log("caught");
    }
    await sleep(0);
    await sleep(0);
    log("end");
  },
  async wait_first_exception(log) {
    const good = async (): Promise<void> => (await sleep(0), log("ok"));
    const bad = async (): Promise<void> => {
      await sleep(0);
      await sleep(0);
      log("bad");
      throw new RangeError();
    };
    const tasks = [good(), bad(), sleep(5000)].map((co) => createTask<unknown>(co));
    const [done, pending] = await wait(tasks, { returnWhen: "FIRST_EXCEPTION" });
    log(`d${done.size}p${pending.size}`);
    tasks[2].cancel();
    for (const task of done) task.exception();
  },
  async wait_first_completed_two(log) {
    const a = async (): Promise<void> => (await sleep(0), log("a"));
    const b = async (): Promise<void> => (await sleep(0), await sleep(0), log("b"));
    const [done, pending] = await wait([createTask(a()), createTask(b())], { returnWhen: "FIRST_COMPLETED" });
    log(`d${done.size}p${pending.size}`);
  },
  async wait_timeout(log) {
    const task = createTask(sleep(5000));
    log("w");
    const [done, pending] = await wait([task], { timeout: 0 });
    log(`d${done.size}p${pending.size} cancelled=${python(task.cancelled())}`);
    task.cancel();
  },
  async tg_child_error_body_waiting(log) {
    const bad = async (): Promise<void> => {
      log("bad");
      throw new RangeError();
    };
    const waiting = async (name: string): Promise<void> => {
      try {
        await sleep(5000);
      } finally {
        log(`${name}-cancelled`);
      }
    };
    try {
      await taskGroup(async (tg) => {
        tg.createTask(waiting("sib"));
        tg.createTask(bad());
        await waiting("body");
      });
    } catch {
      log(`eg cancelling=${currentTask()!.cancelling()}`);
    }
  },
  async nested_timeouts_same_deadline(log, loop) {
    const now = loop.time();
    const expired: Timeout[] = [];
    try {
      await timeoutAt(now, async (outer) => {
        expired.push(outer);
        try {
          await timeoutAt(now, async (inner) => {
            expired.push(inner);
            await sleep(5000);
          });
        } catch (error) {
          log(error instanceof CancelledError ? "inner C" : "inner TE");
          throw error;
        }
      });
    } catch {
      const [a, b] = expired.map((limit) => python(limit.expired()));
      log(`outer TE a=${a} b=${b}`);
    }
  },
  async shield_outer_cancel(log) {
    const slow = async (): Promise<void> => (await sleep(0), await sleep(0), await sleep(0), log("inner-done"));
    const inner = createTask(slow());
    const shielded = async (): Promise<void> => {
      try {
        await shield(inner);
      } catch (error) {
        log("outer-C");
        throw error;
      }
    };
    const outer = createTask(shielded());
    await sleep(0);
    log("cancel");
    outer.cancel();
    await cancelled(outer, () => log("main-C"));
    await inner;
    log("end");
  },
  async lock_cancel_winner(log) {
    const lock = new Lock();
    await lock.acquire();
    const tasks = range(3, (n) =>
      createTask(
        logged(
          log,
          n,
          async () => await lock.acquire(),
          () => `got${n}`,
        ),
      ),
    );
    await sleep(0);
    log("release+cancel0");
    lock.release();
    tasks[0].cancel();
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
    tasks[2].cancel();
  },
  async sem_cancel_winner(log) {
    const semaphore = new Semaphore(0);
    const tasks = range(2, (n) =>
      createTask(
        logged(
          log,
          n,
          async () => await semaphore.acquire(),
          () => `got${n}`,
        ),
      ),
    );
    await sleep(0);
    log("release+cancel0");
    semaphore.release();
    tasks[0].cancel();
    await sleep(0);
    log(`m1 v=${semaphore.statistics().value}`);
    await sleep(0);
    log(`m2 v=${semaphore.statistics().value}`);
  },
  async queue_cancel_winner(log) {
    const queue = new Queue<string>();
    const tasks = range(2, (n) =>
      createTask(
        logged(
          log,
          n,
          async () => await queue.get(),
          (item) => `got${n}=${String(item)}`,
        ),
      ),
    );
    await sleep(0);
    log("put+cancel0");
    queue.putNowait("x");
    tasks[0].cancel();
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
    tasks[1].cancel();
  },
  async queue_steal(log) {
    const queue = new Queue<string>();
    createTask((async () => log(`got0=${await queue.get()}`))());
    await sleep(0);
    queue.putNowait("x");
    log(`steal=${queue.getNowait()}`);
    await sleep(0);
    log("m1");
    queue.putNowait("y");
    await sleep(0);
    log("m2");
  },
  async cond_cancel_after_notify(log) {
    const condition = new Condition();
    const waiting = async (n: number): Promise<void> => {
      using _guard = await condition.acquire();
      try {
        await condition.wait();
        log(`woke${n}`);
      } catch (error) {
        log(`C${n} locked=${python(condition.locked())}`);
        throw error;
      }
    };
    const tasks = range(2, (n) => createTask(waiting(n)));
    await sleep(0);
    await condition.acquire();
    condition.notify(1);
    tasks[0].cancel();
    log("notify+cancel0");
    condition.release();
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
    await sleep(0);
    log("m3");
  },
  async wait_for_timeout_fires(log) {
    const inner = async (): Promise<void> => {
      try {
        await sleep(5000);
      } catch (error) {
        log("inner-C");
        throw error;
      }
    };
    try {
      await waitFor(inner(), 0.1);
    } catch {
      log("TE");
    }
  },
  async event_task_created_after_set(log) {
    const event = new Event();
    const waiting = async (n: number): Promise<void> => (await event.wait(), log(`w${n}`));
    createTask(waiting(0));
    await sleep(0);
    createTask(waiting(1));
    event.set();
    await sleep(0);
    log("m");
  },
  async cancel_self_then_await(log) {
    const task = createTask(
      (async () => {
        currentTask()!.cancel();
        log("self-cancel");
        try {
          await sleep(0);
          log("not here");
        } catch (error) {
          log("C");
          throw error;
        }
      })(),
    );
    await cancelled(task, () => log("main"));
  },
  async cancel_self_then_await_future(log, loop) {
    const future = loop.createFuture();
    const task = createTask(
      (async () => {
        currentTask()!.cancel();
        log("self-cancel");
        try {
          await future;
        } catch (error) {
          log(`C fut.cancelled=${python(future.cancelled())}`);
          throw error;
        }
      })(),
    );
    await cancelled(task, () => log("main"));
  },
  async cancel_self_then_await_done(log, loop) {
    const future = loop.createFuture<string>();
    future.setResult("value");
    const task = createTask(
      (async () => {
        currentTask()!.cancel();
        log(await future);
        try {
          await sleep(0);
        } catch (error) {
          log("C");
          throw error;
        }
      })(),
    );
    await cancelled(task, () => log("main"));
  },
  async barrier_release_order(log) {
    const barrier = new Barrier(3);
    const tasks = range(4, (n) => createTask((async () => log(`w${n}=${await barrier.wait()}`))()));
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
    await sleep(0);
    log(`m3 waiting=${barrier.nWaiting}`);
    tasks[3].cancel();
  },
  async asyncgen_break(log) {
    async function* generator(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        log("fin");
      }
    }
    for await (const _ of generator()) break;
    log("after-break");
    await sleep(0);
    log("m1");
    await sleep(0);
    log("m2");
  },
  async eager_then_block(log) {
    const event = new Event();
    const child = async (): Promise<void> => {
      log("c1");
      await event.wait();
      log("c2");
    };
    const task = createTask(child());
    log(`created done=${python(task.done())}`);
    event.set();
    await task;
    log("resumed");
  },
};

async function cancelled(aw: PromiseLike<unknown>, then: () => void): Promise<void> {
  try {
    await aw;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    then();
  }
}

/** A waiter of the scenarios in which the chosen one is cancelled. */
async function logged(
  log: Log,
  n: number,
  act: () => Promise<unknown>,
  got: (value: unknown) => string,
): Promise<void> {
  try {
    log(got(await act()));
  } catch (error) {
    log(`C${n}`);
    throw error;
  }
}

/** What JavaScript has otherwise: leaving a `for await` closes its generator there and then. */
const DIFFERENT: Record<string, string> = { asyncgen_break: "0:fin 0:after-break 1:m1 2:m2" };
/** What JavaScript has not at all. */
const ABSENT: Record<string, string> = {
  threadsafe_coro: "threads share no coroutines in JavaScript: there is no runCoroutineThreadsafe()",
};
/** Measured as the table was, on CPython 3.13.0; its programs have no scenario for it. */
const MEASURED_BESIDE = "cancel_self_then_await_done  0:value 1:C 2:main\n";

interface Row {
  readonly name: string;
  readonly eager: boolean;
  readonly trace: string;
}

/** The rows of a scenario: first without, then with eager tasks. */
function rows(table: string): Row[] {
  const found: Row[] = [];
  for (const line of table.split("\n")) {
    const [, name, trace] = /^(\w+)\s+(\d+:.*)$/.exec(line) ?? [];
    if (name === undefined || name in ABSENT) continue;
    found.push({ name, eager: found.some((row) => row.name === name), trace: DIFFERENT[name] ?? trace });
  }
  return found;
}

async function traceOf({ name, eager }: Row): Promise<string> {
  const loop = newEventLoop();
  if (eager) loop.setTaskFactory(eagerTaskFactory);
  const lines: string[] = [];
  let start: number | undefined;
  const log = (line: string): void => {
    const { iterations } = loop.statistics();
    start ??= iterations;
    lines.push(`${iterations - start}:${line}`);
  };
  try {
    await loop.runUntilComplete((async () => await scenarios[name](log, getRunningLoop()))());
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    lines.push("!RuntimeError:Event loop stopped before Future completed.");
  }
  loop.close();
  return lines.join(" ");
}

describe("every event comes in the iteration in which it comes under CPython", () => {
  const table = rows(measured + MEASURED_BESIDE);

  test("the table has every scenario", () => {
    expect(new Set(table.map((row) => row.name))).toEqual(new Set(Object.keys(scenarios)));
    expect(table.filter((row) => row.eager).length).toBe(12);
  });

  test.each(Object.entries(ABSENT))("%s: not here, for %s", (name, reason) => {
    expect(measured).toContain(`\n${name} `);
    expect(scenarios[name]).toBeUndefined();
    expect(reason).not.toBe("");
  });

  test.each(table)("$name, eager tasks: $eager", async (row) => {
    expect(await traceOf(row)).toBe(row.trace);
  });
});
