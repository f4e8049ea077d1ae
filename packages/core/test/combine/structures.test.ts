import {
  CancelledError,
  type Coroutine,
  ExceptionGroup,
  type Future,
  type ReturnWhen,
  RuntimeError,
  type Task,
  type Timeout,
  allTasks,
  asCompleted,
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  run,
  shield,
  sleep,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import recorded from "../fixtures/structures/structures.json?raw";

type Steps = readonly Operation[];

interface Operation {
  readonly op: string;
  readonly swallow?: boolean;
  readonly catch?: boolean;
  readonly cleanup?: number;
  readonly n: number;
  readonly task: number;
  readonly keep: boolean;
  readonly cancelled?: boolean;
  readonly body: Steps;
  readonly children: readonly Steps[];
  readonly as: readonly ("coroutine" | "task" | "twice")[];
  readonly when: ReturnWhen;
  readonly async: boolean;
  readonly timeout: number | null;
  readonly moved?: number;
}

interface Program {
  readonly tasks: readonly Steps[];
  readonly ticks: number;
}

interface Structure {
  readonly topic: string;
  readonly program: Program;
  readonly log: readonly string[];
}

class ValueError extends Error {}
ValueError.prototype.name = "ValueError";
const MOST = 40;

function show(error: unknown): string {
  if (error instanceof ExceptionGroup) return `[${error.errors.map(show).join(", ")}]`;
  return error instanceof ValueError ? `ValueError ${error.message}` : (error as Error).name;
}

function outcome(future: Future<string>): string {
  if (future.cancelled()) return "CancelledError";
  return future.exception() === null ? future.result() : show(future.exception());
}

/** The twin of `play` in record.py. */
const play = coroutine(function* (program: Program) {
  const log: string[] = [];
  const loop = getRunningLoop();
  loop.setExceptionHandler(() => {});
  const tasks: Task<string>[] = [];
  const everything = new Map<string, Task<string>>();

  function spawn(
    path: string,
    steps: Steps,
    create: (co: Coroutine<string>) => Task<string> = createTask,
  ): Task<string> {
    const task = create(follow(path, steps));
    everything.set(path, task);
    return task;
  }

  function many(path: string, op: Operation) {
    const made: (Coroutine<string> | Task<string>)[] = [];
    op.children.forEach((steps, i) => {
      const inner = `${path}/${i}`;
      made.push(op.as[i] === "coroutine" ? follow(inner, steps) : spawn(inner, steps));
      if (op.as[i] === "twice") made.push(made.at(-1)!);
    });
    return made;
  }

  function names(futures: ReadonlySet<Future<string>>): string {
    const found = [...everything].filter(([, task]) => futures.has(task)).map(([path]) => path);
    return found.sort((a, b) => (a < b ? -1 : 1)).join(",");
  }

  function move(limit: Timeout, ticks: number): void {
    if (ticks > 0) return void loop.callSoon(move, limit, ticks - 1);
    try {
      limit.reschedule(loop.time() - 1);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      log.push("too late to move");
    }
  }

  const operations: Record<string, (path: string, op: Operation) => Generator<any, string, any>> = {
    *sleep(_path, op) {
      for (let i = 0; i < op.n; i++) yield* sleep(0);
      return "-";
    },
    *park() {
      yield* loop.createFuture<void>();
      return "-";
    },
    *fail(path) {
      throw new ValueError(path);
    },
    *value(path) {
      return path;
    },
    *cancel(_path, op) {
      return String(Number(tasks[op.task].cancel()));
    },
    *uncancel() {
      return String(currentTask()!.uncancel());
    },
    *gather(path, op) {
      const outer = gather(many(path, op), { returnExceptions: op.keep });
      if (op.cancelled) loop.callSoon(() => outer.cancel());
      const results: unknown[] = yield* outer;
      return results.map((one) => (one instanceof Error ? show(one) : one)).join(",");
    },
    *wait(path, op) {
      const made = op.children.map((steps, i) => spawn(`${path}/${i}`, steps));
      const [done, pending] = yield* wait(made, { timeout: op.timeout, returnWhen: op.when });
      return `${names(done)} | ${names(pending)}`;
    },
    *waitFor(path, op) {
      return yield* waitFor(op.task ? spawn(path, op.body) : follow(path, op.body), op.timeout);
    },
    *asCompleted(path, op) {
      const made = op.children.map((steps, i) => spawn(`${path}/${i}`, steps));
      const coming = asCompleted(made, { timeout: op.timeout });
      const results: string[] = [];
      if (op.async) {
        const iterator = coming[Symbol.asyncIterator]();
        for (let step = yield iterator.next(); !step.done; step = yield iterator.next())
          results.push(outcome(step.value));
      } else for (const next of coming) results.push(yield* next);
      return results.join(",");
    },
    *shield(path, op) {
      return yield* shield(spawn(path, op.body));
    },
    *timeout(path, op) {
      let limit!: Timeout;
      const result = yield* timeout(op.timeout, function* (given) {
        limit = given;
        if (op.moved !== undefined) loop.callSoon(move, limit, op.moved);
        return yield* follow(path, op.body);
      });
      return `${result} ${Number(limit.expired())}`;
    },
    *group(path, op) {
      return yield* taskGroup(function* (tg) {
        op.children.forEach((steps, i) => spawn(`${path}/${i}`, steps, (co) => tg.createTask(co)));
        return yield* follow(path, op.body);
      });
    },
  };

  const follow = coroutine(function* (path: string, steps: Steps): Generator<any, string, any> {
    for (const [i, op] of steps.entries()) {
      const inner = `${path}.${i}`;
      const count = () => currentTask()!.cancelling();
      try {
        const result = yield* operations[op.op](inner, op);
        log.push(`${inner} ${op.op} ${result} ${count()}`);
      } catch (error) {
        if (error instanceof CancelledError) {
          log.push(`${inner} ${op.op} cancelled ${count()}`);
          if (op.swallow) continue;
          for (let n = op.cleanup ?? 0; n > 0; n--) yield* sleep(0);
          throw error;
        }
        log.push(`${inner} ${op.op} ${show(error)} ${count()}`);
        if (!op.catch) throw error;
      }
    }
    return path;
  });

  program.tasks.forEach((steps, who) => tasks.push(spawn(String(who), steps)));
  for (let tick = 0; tick < program.ticks; tick++) {
    log.push(`tick ${tick}`);
    yield* sleep(0);
  }
  for (let n = 0; n < MOST && ![...everything.values()].every((task) => task.done()); n++) {
    log.push("end");
    for (const [path, task] of everything) log.push(`${path} ${Number(task.cancel())}`);
    for (let i = 0; i < 3; i++) yield* sleep(0);
  }
  for (const [path, task] of everything)
    log.push(`${path} ${task.done() ? outcome(task) : "pending"} ${task.cancelling()}`);
  const result = [...log];
  while (allTasks().size > 1) {
    for (const task of allTasks()) if (task !== currentTask()) task.cancel();
    yield* sleep(0);
  }
  return result;
});

const structures = JSON.parse(recorded) as Structure[];

describe("a random program prints what it prints under CPython", () => {
  test.each(structures.map((structure, index) => ({ index, ...structure })))(
    "about $topic, number $index",
    async ({ program, log }) => {
      expect(await run(play(program))).toEqual(log);
    },
  );
});
