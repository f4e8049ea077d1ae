import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  type EventLoop,
  ExceptionGroup,
  Future,
  InvalidStateError,
  Lock,
  Queue,
  Runner,
  RuntimeError,
  Semaphore,
  type TaskGroup,
  type Timeout,
  asCompleted,
  createTask,
  ensureFuture,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
  timeout,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

const anything = undefined as never;

function finished(): Future<number> {
  const future = new Future<number>();
  future.setResult(1);
  return future;
}

function closedLoop(): EventLoop {
  const loop = newEventLoop({ host: new VirtualHost() });
  loop.close();
  return loop;
}

async function awaitsItself(): Promise<unknown> {
  await sleep(0);
  return await itself;
}
let itself: PromiseLike<unknown>;

async function brokenBy(change: "abort" | "reset", when: "before" | "while"): Promise<unknown> {
  const barrier = new Barrier(2);
  if (when === "before") await barrier[change]();
  const waiter = createTask(barrier.wait());
  await sleep(0);
  if (when === "while") await barrier[change]();
  return await waiter;
}

async function kept<T>(scope: (body: (kept: T) => Promise<void>) => PromiseLike<void>): Promise<T> {
  let scoped!: T;
  await scope(async (given) => void (scoped = given));
  return scoped;
}

async function shuttingDown(): Promise<void> {
  await taskGroup(async (tg) => {
    const failing = async (): Promise<never> => Promise.reject(new RangeError("first"));
    tg.createTask(failing());
    try {
      await sleep(1000);
    } finally {
      refused.push(await thrownBy((async () => tg.createTask(sleep(1), { name: "late" }))()));
    }
  });
}
const refused: unknown[] = [];

type Row = [act: (loop: EventLoop) => unknown, errorClass: abstract new (...args: never[]) => Error, message: string];

/** The errors that asyncio's users may match by their text. Here the class and the `code` are to be matched; the text helps to mend. */
const rows: Record<string, Row> = {
  "result() of a pending future": [
    () => new Future().result(),
    InvalidStateError,
    "Cannot get the result: it is not set",
  ],
  "exception() of a pending future": [
    () => new Future().exception(),
    InvalidStateError,
    "Cannot get the exception: it is not set",
  ],
  "setResult() of a future that is done": [
    () => finished().setResult(2),
    InvalidStateError,
    "Cannot set result: <Future finished result=1> is done already",
  ],
  "setException() of a future that is done": [
    () => finished().setException(new Error("late")),
    InvalidStateError,
    "Cannot set exception: <Future finished result=1> is done already",
  ],
  "setException() with what is no error": [
    () => new Future().setException("text"),
    TypeError,
    "Cannot set exception: expected an Error, received text",
  ],
  "anything on a closed loop": [
    () => closedLoop().callSoon(() => {}),
    RuntimeError,
    "Cannot use the event loop: it is closed",
  ],
  "running a loop that runs": [
    (loop) => loop.runForever(),
    RuntimeError,
    "Cannot run the event loop: it is running already",
  ],
  "closing a loop that runs": [
    (loop) => loop.close(),
    RuntimeError,
    "Cannot close the event loop: it is running; stop it first",
  ],
  "createTask() of what is no coroutine": [
    () => createTask(3 as never),
    TypeError,
    "Cannot create task: expected a coroutine, received 3",
  ],
  "run() of what cannot be awaited": [
    () => run(1 as never),
    TypeError,
    "Cannot run 1: expected a coroutine, or a function that gives one",
  ],
  "ensureFuture() of what cannot be awaited": [
    () => ensureFuture("text" as never),
    TypeError,
    "Cannot await text: expected a coroutine, a future or a promise",
  ],
  "ensureFuture() of a future of another loop": [
    () => ensureFuture(new Future(), { loop: closedLoop() }),
    RangeError,
    "Cannot use the future on this loop: it belongs to a different one",
  ],
  "awaiting a future of another loop": [
    async () => await createTask((async () => await new Future({ loop: closedLoop() }))(), { name: "here" }),
    RuntimeError,
    "Cannot await <Future pending> in <Task pending name='here' coro=anonymous()>: it belongs to a different loop",
  ],
  "a task that awaits itself": [
    async () => await (itself = createTask(awaitsItself(), { name: "itself" })),
    RuntimeError,
    "Cannot await <Task pending name='itself' coro=awaitsItself()>: a task cannot await itself",
  ],
  "wait() of a single task": [
    () => wait(new Future() as never),
    TypeError,
    "Cannot wait for <Future pending>: expected an iterable of futures; write wait([task])",
  ],
  "asCompleted() of a single task": [
    () => asCompleted(new Future() as never),
    TypeError,
    "Cannot iterate over <Future pending> as completed: expected an iterable of awaitables; write asCompleted([task])",
  ],
  "sleep() of NaN": [
    () => sleep(NaN),
    RangeError,
    'Cannot wait: the delay is NaN; pass milliseconds or a string such as "1.5s"',
  ],
  "callLater() without a delay": [
    (loop) => loop.callLater(anything, () => {}),
    TypeError,
    'Cannot read duration undefined: expected milliseconds or a string such as "250ms", "1.5s", "2m", "1h"',
  ],
  "callAt() without a time": [
    (loop) => loop.callAt(anything, () => {}),
    TypeError,
    "Cannot call at undefined: when must be loop.time() milliseconds",
  ],
  "release() of a free lock": [() => new Lock().release(), RuntimeError, "Cannot release Lock: it is not acquired"],
  "wait() of a condition without its lock": [
    () => new Condition().wait(),
    RuntimeError,
    "Cannot wait on Condition: its lock is not held; acquire() it first",
  ],
  "notify() of a condition without its lock": [
    () => new Condition().notify(),
    RuntimeError,
    "Cannot notify Condition: its lock is not held; acquire() it first",
  ],
  "a semaphore of fewer than no permits": [
    () => new Semaphore(-1),
    RangeError,
    "Cannot create Semaphore: value must be an integer >= 0, received -1",
  ],
  "a release too many of a bounded semaphore": [
    () => new BoundedSemaphore(2).release(),
    RuntimeError,
    "Cannot release BoundedSemaphore: it was released too many times; all of its 2 permits are free",
  ],
  "a barrier for nobody": [
    () => new Barrier(0),
    RangeError,
    "Cannot create Barrier: parties must be an integer >= 1, received 0",
  ],
  "wait() of a barrier that was aborted": [
    () => brokenBy("abort", "before"),
    BrokenBarrierError,
    "Cannot wait in Barrier: it was aborted; reset() it first",
  ],
  "wait() of a barrier that is reset meanwhile": [
    () => brokenBy("reset", "while"),
    BrokenBarrierError,
    "Cannot wait in Barrier: it was aborted or reset meanwhile",
  ],
  "taskDone() too many": [
    () => new Queue().taskDone(),
    RuntimeError,
    "Cannot mark an item of Queue as done: taskDone() was called too many times, once for each item is enough",
  ],
  "moving a timeout that is over": [
    async () => (await kept<Timeout>((body) => timeout(5, body))).reschedule(10),
    RuntimeError,
    "Cannot reschedule Timeout: it is finished; move the deadline while the body runs and before it strikes",
  ],
  "a task for a group that is finished": [
    async () => (await kept<TaskGroup>((body) => taskGroup(body))).createTask(sleep(1), { name: "late" }),
    RuntimeError,
    'Cannot create task "late" in a finished TaskGroup: create tasks before its body returns',
  ],
  "a task for a group that is shutting down": [
    async () => {
      await thrownBy(shuttingDown());
      throw refused.pop();
    },
    RuntimeError,
    'Cannot create task "late" in a TaskGroup that is shutting down: it was cancelled or something in it has failed',
  ],
  "the errors of a group": [
    () =>
      taskGroup(async (tg) => {
        for (const message of ["one", "two"]) tg.createTask((async () => Promise.reject(new Error(message)))());
        await giveWay(5);
      }),
    ExceptionGroup,
    "unhandled errors in a TaskGroup (2 sub-exceptions)",
  ],
  "a runner that is closed": [
    async () => {
      const runner = new Runner({ loopFactory: closedLoop });
      runner.getLoop();
      await runner.close().catch(() => {});
      runner.getLoop();
    },
    RuntimeError,
    "Cannot use the Runner: it is closed",
  ],
  "the default executor after its shutdown": [
    async (loop) => {
      await loop.shutdownDefaultExecutor();
      loop.runInExecutor(null, () => {});
    },
    RuntimeError,
    "Cannot run in the default executor: it has been shut down",
  ],
  "a default executor that is none": [
    (loop) => loop.setDefaultExecutor({} as never),
    TypeError,
    "Cannot set default executor: it has no submit()",
  ],
  "a coroutine function as a callback": [
    (loop) => loop.callSoon(giveWay, 1),
    TypeError,
    "Cannot callSoon(): giveWay() is a coroutine function, which a plain call never starts; pass spawning(fn) or call createTask()",
  ],
  // asyncio too names call_at() here.
  "a coroutine function as a timer's callback": [
    (loop) => loop.callLater(1, giveWay, 1),
    TypeError,
    "Cannot callAt(): giveWay() is a coroutine function, which a plain call never starts; pass spawning(fn) or call createTask()",
  ],
  "a callback that is no function": [
    (loop) => loop.callSoon(4 as never),
    TypeError,
    "Cannot callSoon(): expected a function, received 4",
  ],
};

test.each(Object.entries(rows))("%s: the error has its class and a text of tsyncio", (_, [act, errorClass, message]) =>
  program(async ({ loop }) => {
    const error = await thrownBy((async () => await act(loop))());
    expect(error).toBeInstanceOf(errorClass);
    expect((error as Error).message).toBe(message);
    // What is no mistake in an argument has a code that stays, whatever the text.
    expect(typeof (error as { code?: string }).code).toBe(
      [TypeError, RangeError].includes(errorClass as never) ? "undefined" : "string",
    );
  }),
);

test("a lock that somebody waited for on another loop names itself in its error", async () => {
  const lock = new Lock();
  const contends = async (): Promise<void> => {
    await lock.acquire();
    const waiter = createTask(lock.acquire());
    await sleep(0);
    lock.release();
    await waiter;
    lock.release();
  };
  await program(contends);
  expect(await thrownBy(run(contends()))).toEqual(
    new RuntimeError("Cannot wait for <Lock [locked]>: it is bound to a different event loop; make one for each loop"),
  );
});

test("what needs a running loop says so where none is", () => {
  const message =
    "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop";
  const co = sleep(1);
  for (const act of [
    getRunningLoop,
    () => new Future(),
    () => createTask(co),
    () => ensureFuture(co),
    () => asCompleted([co]),
  ])
    expect(act).toThrow(new RuntimeError(message));
});
