import { Context, Deferred, Effect, Exit, Fiber, Queue, Semaphore, Stream } from "effect";
import { check } from "../../check.mjs";
import { checkFibonacci, checkResults, longer } from "../../scheduling/expected.mjs";

export const start = Effect.runPromise;

const UNBOUNDED = { concurrency: "unbounded" };
const range = (length) => Array.from({ length }, (_, i) => i);

const fibonacci = Effect.fnUntraced(function* (n) {
  return n < 2 ? n : (yield* fibonacci(n - 1)) + (yield* fibonacci(n - 2));
});

export const callChain = Effect.fnUntraced(function* (n) {
  return checkFibonacci(yield* fibonacci(n), n);
});

const trivial = Effect.fnUntraced(function* (n) {
  return n;
});

export const spawnAndGather = Effect.fnUntraced(function* (jobs) {
  return checkResults(yield* Effect.forEach(range(jobs), trivial, UNBOUNDED), jobs);
});

export const spawnAndGatherEager = Effect.fnUntraced(function* (jobs) {
  const fibers = [];
  for (let n = 0; n < jobs; n++) fibers.push(yield* Effect.forkChild(trivial(n), { startImmediately: true }));
  return checkResults(yield* Fiber.joinAll(fibers), jobs);
});

export const giveWays = Effect.fnUntraced(function* (times) {
  let count = 0;
  const job = Effect.fnUntraced(function* () {
    for (let i = 0; i < times; i++) {
      yield* Effect.yieldNow;
      count++;
    }
  });
  yield* Effect.forEach(range(10), job, UNBOUNDED);
  check(count, 10 * times);
  return count;
});

const nested = Effect.fnUntraced(function* (depth, body) {
  return yield* depth > 0 ? nested(depth - 1, body) : body;
});

export const deepChain = Effect.fnUntraced(function* (depth) {
  let count = 0;
  const body = Effect.gen(function* () {
    for (let i = 0; i < 100; i++) {
      yield* Effect.yieldNow;
      count++;
    }
  });
  for (let i = 0; i < 20; i++) yield* nested(depth, body);
  check(count, 2_000);
  return count;
});

export const resumeCost = Effect.fnUntraced(function* (depth, clock) {
  const times = 20_000;
  const measure = Effect.gen(function* () {
    const before = clock();
    for (let i = 0; i < times; i++) yield* Effect.yieldNow;
    return clock() - before;
  });
  return (yield* nested(depth, measure)) / (yield* nested(1, measure));
});

export const pingPong = Effect.fnUntraced(function* (rounds) {
  const balls = [yield* Deferred.make(), yield* Deferred.make()];
  const player = Effect.fnUntraced(function* (i) {
    let ball;
    for (let round = 0; round < rounds; round++) {
      ball = yield* Deferred.await(balls[i]);
      balls[i] = yield* Deferred.make();
      yield* Deferred.succeed(balls[1 - i], ball + 1);
    }
    return ball;
  });
  yield* Deferred.succeed(balls[0], 1);
  const [, count] = yield* Effect.all([player(0), player(1)], UNBOUNDED);
  check(count, 2 * rounds);
  return count;
});

export const boundedQueue = Effect.fnUntraced(function* (items) {
  const queue = yield* Queue.bounded(100);
  let sum = 0;
  const produce = Effect.gen(function* () {
    for (let i = 1; i <= items; i++) yield* Queue.offer(queue, i);
  });
  const consume = Effect.gen(function* () {
    for (let i = 0; i < items; i++) sum += yield* Queue.take(queue);
  });
  yield* Effect.all([produce, consume], UNBOUNDED);
  check(sum, (items * (items + 1)) / 2);
  return items;
});

export const freeLock = Effect.fnUntraced(function* (times) {
  const lock = yield* Semaphore.make(1);
  let count = 0;
  const body = Effect.sync(() => count++);
  for (let i = 0; i < times; i++) yield* Semaphore.withPermit(lock, body);
  check(count, times);
  return count;
});

const contended = Effect.fnUntraced(function* (permits, times) {
  const semaphore = yield* Semaphore.make(permits);
  let inside = 0;
  let count = 0;
  const body = Effect.gen(function* () {
    if (++inside > permits) throw new Error("Cannot measure: too many hold it");
    yield* Effect.yieldNow;
    count++;
    inside--;
  });
  const job = Effect.fnUntraced(function* () {
    for (let i = 0; i < times; i++) yield* Semaphore.withPermit(semaphore, body);
  });
  yield* Effect.forEach(range(100), job, UNBOUNDED);
  check(count, 100 * times);
  return count;
});

export const contendedLock = (times) => contended(1, times);
export const contendedSemaphore = (times) => contended(10, times);

export const timers = Effect.fnUntraced(function* (sleepers) {
  let count = 0;
  const job = Effect.fnUntraced(function* (i) {
    yield* Effect.sleep(1 + (i % 20));
    count++;
  });
  yield* Effect.forEach(range(sleepers), job, UNBOUNDED);
  check(count, sleepers);
  return count;
});

const waiting = Effect.gen(function* () {
  yield* Deferred.await(yield* Deferred.make());
});

const cancelAll = Effect.fnUntraced(function* (count, job) {
  const fibers = [];
  for (let i = 0; i < count; i++) fibers.push(yield* Effect.forkChild(job));
  yield* Effect.yieldNow;
  yield* Fiber.interruptAll(fibers);
  let cancelled = 0;
  for (const exit of yield* Fiber.awaitAll(fibers)) if (Exit.hasInterrupts(exit)) cancelled++;
  check(cancelled, count);
  return count;
});

export const cancellations = (jobs) => cancelAll(jobs, waiting);

export const cancellationsWithFinally = Effect.fnUntraced(function* (jobs) {
  let left = 0;
  yield* cancelAll(jobs, waiting.pipe(Effect.ensuring(Effect.sync(() => left++))));
  check(left, jobs);
  return jobs;
});

const fanOutOver = Effect.fnUntraced(function* (jobs, job) {
  return checkResults(yield* Effect.forEach(range(jobs), job, { concurrency: 50 }), jobs);
});

export const fanOut = (jobs) => fanOutOver(jobs, trivial);

export function fanOutGivingWay(jobs) {
  const job = Effect.fnUntraced(function* (n) {
    yield* Effect.yieldNow;
    return n;
  });
  return fanOutOver(jobs, job);
}

/** A stage that may wait for each item; stages that cannot take whole arrays of them. */
export const generatorPipeline = Effect.fnUntraced(function* (items) {
  let count = 0;
  yield* Stream.fromIterable(range(items)).pipe(
    Stream.mapEffect((n) => Effect.succeed(n * 2)),
    Stream.filter((n) => n % 4 === 0),
    Stream.runForEach((n) => Effect.sync(() => n % 4 === 0 && count++)),
  );
  check(count, items / 2);
  return items;
});

const Step = Context.Reference("Step", { defaultValue: () => -1 });

export const contextVariables = Effect.fnUntraced(function* (times) {
  let count = 0;
  const step = Effect.fnUntraced(function* (value) {
    yield* Effect.yieldNow;
    if ((yield* Step) === value) count++;
  });
  const job = Effect.fnUntraced(function* (n) {
    for (let i = 0; i < times; i++) yield* step(n + i).pipe(Effect.provideService(Step, n + i));
  });
  yield* Effect.forEach(range(100), job, UNBOUNDED);
  check(count, 100 * times);
  return count;
});

export const waitingTaskBytes = Effect.fnUntraced(function* (jobs, heap) {
  let count = 0;
  const waiting = Effect.fnUntraced(function* (deferred) {
    yield* Deferred.await(deferred);
    count++;
  });
  const before = heap();
  const deferreds = [];
  const fibers = [];
  for (let i = 0; i < jobs; i++) {
    const deferred = yield* Deferred.make();
    deferreds.push(deferred);
    fibers.push(yield* Effect.forkChild(waiting(deferred)));
  }
  yield* Effect.yieldNow;
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const deferred of deferreds) yield* Deferred.succeed(deferred, undefined);
  yield* Fiber.joinAll(fibers);
  check(count, jobs);
  return bytes;
});

export const sleepingTaskBytes = Effect.fnUntraced(function* (jobs, heap) {
  let count = 0;
  const sleeping = Effect.gen(function* () {
    yield* Effect.sleep(longer(jobs));
    count++;
  });
  const before = heap();
  const fibers = [];
  for (let i = 0; i < jobs; i++) fibers.push(yield* Effect.forkChild(sleeping));
  yield* Effect.yieldNow;
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  yield* Fiber.joinAll(fibers);
  check(count, jobs);
  return bytes;
});
