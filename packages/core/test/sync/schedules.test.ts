import {
  Barrier,
  BrokenBarrierError,
  CancelledError,
  Condition,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  Semaphore,
  type Task,
  coroutine,
  createTask,
  currentTask,
  isCoroutine,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import recorded from "../fixtures/schedules/schedules.json?raw";

interface Operation {
  readonly op: string;
  readonly swallow?: boolean;
  readonly n: number;
  readonly task: number;
  readonly item: number;
  readonly immediate: boolean;
  readonly body: readonly Operation[];
}

interface Program {
  readonly value: number;
  readonly maxsize: number;
  readonly queue: "fifo" | "lifo" | "priority";
  readonly parties: number;
  readonly tasks: readonly (readonly Operation[])[];
  readonly ticks: number;
}

interface Schedule {
  readonly topic: string;
  readonly program: Program;
  readonly log: readonly string[];
}

const QUEUES = { fifo: Queue, lifo: LifoQueue, priority: PriorityQueue };
const EXPECTED = [QueueEmpty, QueueFull, QueueShutDown, BrokenBarrierError];

/** The twin of `play` in record.py. */
const play = coroutine(function* (program: Program) {
  const log: string[] = [];
  const lock = new Lock();
  const sem = new Semaphore(program.value);
  const event = new Event();
  const cond = new Condition();
  const queue = new QUEUES[program.queue]<number>(program.maxsize);
  const barrier = new Barrier(program.parties);
  const tasks: Task<void>[] = [];

  const state = () => {
    const flags = [lock.locked(), sem.locked(), event.isSet(), cond.locked(), queue.full(), barrier.broken];
    return `${flags.map(Number).join("")} ${queue.qsize()} ${barrier.nWaiting}`;
  };

  const operations: Record<string, (op: Operation) => unknown> = {
    semrel: () => sem.release(),
    cancel: (op) => Number(tasks[op.task].cancel()),
    uncancel: () => currentTask()!.uncancel(),
    ewait: () => event.wait(),
    eset: () => event.set(),
    eclear: () => event.clear(),
    cwait: () => cond.wait(),
    notify: (op) => cond.notify(op.n),
    notifyAll: () => cond.notifyAll(),
    put: (op) => queue.put(op.item),
    putn: (op) => queue.putNowait(op.item),
    get: () => queue.get(),
    getn: () => queue.getNowait(),
    done: () => queue.taskDone(),
    join: () => queue.join(),
    shutdown: (op) => queue.shutdown(op.immediate),
    barrier: () => barrier.wait(),
    breset: () => barrier.reset(),
    babort: () => barrier.abort(),
  };
  const held: Record<string, Lock | Semaphore | Condition> = { lock, sem, cond };

  const operate = coroutine(function* (who: number, op: Operation): Generator<any, unknown, any> {
    if (op.op === "sleep") for (let i = 0; i < op.n; i++) yield* sleep(0);
    if (op.op in held) {
      yield* held[op.op].acquire();
      log.push(`${who} ${op.op} in`);
      try {
        yield* follow(who, op.body);
      } finally {
        held[op.op].release();
      }
    }
    if (!(op.op in operations)) return "";
    const started = operations[op.op](op);
    const outcome = isCoroutine(started) ? yield* started : started;
    return typeof outcome === "number" ? outcome : "";
  });

  const follow = coroutine(function* (who: number, body: readonly Operation[]): Generator<any, void, any> {
    for (const op of body) {
      try {
        const outcome = yield* operate(who, op);
        log.push(`${who} ${op.op} ${outcome} ${state()}`);
      } catch (error) {
        if (error instanceof CancelledError) {
          log.push(`${who} ${op.op} cancelled ${state()}`);
          if (op.swallow !== true) throw error;
        } else if (EXPECTED.some((expected) => error instanceof expected)) {
          log.push(`${who} ${op.op} ${(error as Error).name} ${state()}`);
        } else if (error instanceof RuntimeError) {
          log.push(`${who} ${op.op} wrong ${state()}`);
        } else throw error;
      }
    }
  });

  for (const [who, body] of program.tasks.entries()) tasks.push(createTask(follow(who, body)));
  for (let tick = 0; tick < program.ticks; tick++) {
    log.push(`tick ${tick}`);
    yield* sleep(0);
  }
  while (!tasks.every((task) => task.done())) {
    log.push("end");
    for (const task of tasks) task.cancel();
    for (let i = 0; i < 3; i++) yield* sleep(0);
  }
  log.push(`cancelled ${tasks.map((task) => Number(task.cancelled())).join("")}`);
  return log;
});

const schedules = JSON.parse(recorded) as Schedule[];

describe("a random program prints what it prints under CPython", () => {
  test.each(schedules.map((schedule, index) => ({ index, ...schedule })))(
    "about $topic, number $index",
    async ({ program, log }) => {
      expect(await run(play(program))).toEqual(log);
    },
  );
});
