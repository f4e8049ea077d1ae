// The workloads in generator spelling, which needs no build step.
import {
  ContextVar,
  Future,
  Lock,
  Queue,
  Semaphore,
  asyncGenerator,
  coroutine,
  createTask,
  gather,
  give,
  run,
  sleep,
} from "tsyncio";
import { check } from "../check.mjs";
import { checkFibonacci, checkResults, longer } from "./expected.mjs";

export const start = run;

const fibonacci = coroutine(function* fibonacciOf(n) {
  return n < 2 ? n : (yield* fibonacci(n - 1)) + (yield* fibonacci(n - 2));
});

export const callChain = coroutine(function* callChain(n) {
  return checkFibonacci(yield* fibonacci(n), n);
});

const trivial = coroutine(function* trivial(n) {
  return n;
});

export const spawnAndGather = coroutine(function* spawnAndGather(jobs) {
  return checkResults(yield* gather(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
});

export const spawnAndGatherEager = coroutine(function* spawnAndGatherEager(jobs) {
  const tasks = Array.from({ length: jobs }, (_, n) => createTask(trivial(n), { eagerStart: true }));
  return checkResults(yield* gather(tasks), jobs);
});

export const giveWays = coroutine(function* giveWays(times) {
  let count = 0;
  const job = coroutine(function* job() {
    for (let i = 0; i < times; i++) {
      yield* sleep(0);
      count++;
    }
  });
  yield* gather(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
});

const nested = coroutine(function* nestedIn(depth, body) {
  return yield* depth > 0 ? nested(depth - 1, body) : body();
});

export const deepChain = coroutine(function* deepChain(depth) {
  let count = 0;
  const body = coroutine(function* body() {
    for (let i = 0; i < 100; i++) {
      yield* sleep(0);
      count++;
    }
  });
  for (let i = 0; i < 20; i++) yield* nested(depth, body);
  check(count, 2_000);
  return count;
});

export const resumeCost = coroutine(function* resumeCost(depth, clock) {
  const times = 20_000;
  const measure = coroutine(function* measure() {
    const before = clock();
    for (let i = 0; i < times; i++) yield* sleep(0);
    return clock() - before;
  });
  return (yield* nested(depth, measure)) / (yield* nested(1, measure));
});

export const pingPong = coroutine(function* pingPong(rounds) {
  const balls = [new Future(), new Future()];
  const player = coroutine(function* player(i) {
    let ball = 0;
    for (let round = 0; round < rounds; round++) {
      ball = yield* balls[i];
      balls[i] = new Future();
      balls[1 - i].setResult(ball + 1);
    }
    return ball;
  });
  balls[0].setResult(1);
  const [, count] = yield* gather(player(0), player(1));
  check(count, 2 * rounds);
  return count;
});

export const boundedQueue = coroutine(function* boundedQueue(items) {
  const queue = new Queue(100);
  let sum = 0;
  const produce = coroutine(function* produce() {
    for (let i = 1; i <= items; i++) yield* queue.put(i);
  });
  const consume = coroutine(function* consume() {
    for (let i = 0; i < items; i++) sum += yield* queue.get();
  });
  yield* gather(produce(), consume());
  check(sum, (items * (items + 1)) / 2);
  return items;
});

export const freeLock = coroutine(function* freeLock(times) {
  const lock = new Lock();
  let count = 0;
  for (let i = 0; i < times; i++) {
    yield* lock.acquire();
    try {
      count++;
    } finally {
      lock.release();
    }
  }
  check(count, times);
  return count;
});

const contended = coroutine(function* contended(lock, permits, times) {
  let inside = 0;
  let count = 0;
  const job = coroutine(function* job() {
    for (let i = 0; i < times; i++) {
      yield* lock.acquire();
      try {
        if (++inside > permits) throw new Error("Cannot measure: too many hold it");
        yield* sleep(0);
        count++;
      } finally {
        inside--;
        lock.release();
      }
    }
  });
  yield* gather(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
});

export const contendedLock = (times) => contended(new Lock(), 1, times);
export const contendedSemaphore = (times) => contended(new Semaphore(10), 10, times);

export const timers = coroutine(function* timers(sleepers) {
  let count = 0;
  const job = coroutine(function* job(i) {
    yield* sleep(1 + (i % 20));
    count++;
  });
  yield* gather(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
});

const cancelAll = coroutine(function* cancelAll(count, waiting) {
  const tasks = Array.from({ length: count }, () => createTask(waiting()));
  yield* sleep(0);
  for (const task of tasks) task.cancel();
  yield* gather(tasks, { returnExceptions: true });
  let cancelled = 0;
  for (const task of tasks) if (task.cancelled()) cancelled++;
  check(cancelled, count);
  return count;
});

export function cancellations(jobs) {
  return cancelAll(
    jobs,
    coroutine(function* waiting() {
      yield* new Future();
    }),
  );
}

export const cancellationsWithFinally = coroutine(function* cancellationsWithFinally(jobs) {
  let left = 0;
  yield* cancelAll(
    jobs,
    coroutine(function* waiting() {
      try {
        yield* new Future();
      } finally {
        left++;
      }
    }),
  );
  check(left, jobs);
  return jobs;
});

const fanOutOver = coroutine(function* fanOutOver(jobs, job) {
  function* coroutines() {
    for (let n = 0; n < jobs; n++) yield job(n);
  }
  return checkResults(yield* gather(coroutines(), { limit: 50 }), jobs);
});

export const fanOut = (jobs) => fanOutOver(jobs, trivial);

export function fanOutGivingWay(jobs) {
  return fanOutOver(
    jobs,
    coroutine(function* job(n) {
      yield* sleep(0);
      return n;
    }),
  );
}

const numbers = asyncGenerator(function* numbers(end) {
  for (let i = 0; i < end; i++) yield* give(i);
});
const doubled = asyncGenerator(function* doubled(source) {
  for (let next; !(next = yield* source.next()).done;) yield* give(next.value * 2);
});
const multiplesOf4 = asyncGenerator(function* multiplesOf4(source) {
  for (let next; !(next = yield* source.next()).done;) if (next.value % 4 === 0) yield* give(next.value);
});

export const generatorPipeline = coroutine(function* generatorPipeline(items) {
  let count = 0;
  const source = multiplesOf4(doubled(numbers(items)));
  for (let next; !(next = yield* source.next()).done;) if (next.value % 4 === 0) count++;
  check(count, items / 2);
  return items;
});

const variable = new ContextVar("step");

export const contextVariables = coroutine(function* contextVariables(times) {
  let count = 0;
  const job = coroutine(function* job(_, n) {
    for (let i = 0; i < times; i++) {
      const token = variable.set(n + i);
      yield* sleep(0);
      if (variable.get() === n + i) count++;
      variable.reset(token);
    }
  });
  yield* gather(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
});

export const waitingTaskBytes = coroutine(function* waitingTaskBytes(jobs, heap) {
  let count = 0;
  const waiting = coroutine(function* waiting(future) {
    yield* future;
    count++;
  });
  const before = heap();
  const futures = Array.from({ length: jobs }, () => new Future());
  const tasks = futures.map((future) => createTask(waiting(future)));
  yield* sleep(0);
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const future of futures) future.setResult();
  yield* gather(tasks);
  check(count, jobs);
  return bytes;
});

export const sleepingTaskBytes = coroutine(function* sleepingTaskBytes(jobs, heap) {
  let count = 0;
  const sleeping = coroutine(function* sleeping() {
    yield* sleep(longer(jobs));
    count++;
  });
  const before = heap();
  const tasks = Array.from({ length: jobs }, () => createTask(sleeping()));
  yield* sleep(0);
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  yield* gather(tasks);
  check(count, jobs);
  return bytes;
});
