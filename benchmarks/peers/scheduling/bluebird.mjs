import Bluebird from "bluebird";
import { check } from "../../check.mjs";
import { checkFibonacci, checkResults, longer } from "../../scheduling/expected.mjs";

Bluebird.config({ cancellation: true });

export const start = (promise) => promise;

const fibonacci = Bluebird.coroutine(function* (n) {
  return n < 2 ? n : (yield fibonacci(n - 1)) + (yield fibonacci(n - 2));
});

export const callChain = Bluebird.coroutine(function* (n) {
  return checkFibonacci(yield fibonacci(n), n);
});

const trivial = Bluebird.coroutine(function* (n) {
  return n;
});

export const spawnAndGather = Bluebird.coroutine(function* (jobs) {
  return checkResults(yield Bluebird.all(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
});

/** A coroutine begins when it is called, always. */
export const spawnAndGatherEager = (jobs) => spawnAndGather(jobs);

export const giveWays = Bluebird.coroutine(function* (times) {
  let count = 0;
  const job = Bluebird.coroutine(function* () {
    for (let i = 0; i < times; i++) {
      yield Bluebird.resolve();
      count++;
    }
  });
  yield Bluebird.all(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
});

const nested = Bluebird.coroutine(function* (depth, body) {
  return yield depth > 0 ? nested(depth - 1, body) : body();
});

export const deepChain = Bluebird.coroutine(function* (depth) {
  let count = 0;
  const body = Bluebird.coroutine(function* () {
    for (let i = 0; i < 100; i++) {
      yield Bluebird.resolve();
      count++;
    }
  });
  for (let i = 0; i < 20; i++) yield nested(depth, body);
  check(count, 2_000);
  return count;
});

export const resumeCost = Bluebird.coroutine(function* (depth, clock) {
  const times = 20_000;
  const measure = Bluebird.coroutine(function* () {
    const before = clock();
    for (let i = 0; i < times; i++) yield Bluebird.resolve();
    return clock() - before;
  });
  return (yield nested(depth, measure)) / (yield nested(1, measure));
});

function deferred() {
  let resolve;
  const promise = new Bluebird((r) => (resolve = r));
  return { promise, resolve };
}

export const pingPong = Bluebird.coroutine(function* (rounds) {
  const balls = [deferred(), deferred()];
  const player = Bluebird.coroutine(function* (i) {
    let ball;
    for (let round = 0; round < rounds; round++) {
      ball = yield balls[i].promise;
      balls[i] = deferred();
      balls[1 - i].resolve(ball + 1);
    }
    return ball;
  });
  balls[0].resolve(1);
  const [, count] = yield Bluebird.all([player(0), player(1)]);
  check(count, 2 * rounds);
  return count;
});

export const timers = Bluebird.coroutine(function* (sleepers) {
  let count = 0;
  const job = Bluebird.coroutine(function* (i) {
    yield Bluebird.delay(1 + (i % 20));
    count++;
  });
  yield Bluebird.all(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
});

const cancelAll = Bluebird.coroutine(function* (count, waiting) {
  const jobs = Array.from({ length: count }, waiting);
  yield Bluebird.resolve();
  for (const job of jobs) job.cancel();
  yield Bluebird.resolve();
  let cancelled = 0;
  for (const job of jobs) if (job.isCancelled()) cancelled++;
  check(cancelled, count);
  return count;
});

export function cancellations(jobs) {
  const waiting = Bluebird.coroutine(function* () {
    yield new Bluebird(() => {});
  });
  return cancelAll(jobs, waiting);
}

export const cancellationsWithFinally = Bluebird.coroutine(function* (jobs) {
  let left = 0;
  const waiting = Bluebird.coroutine(function* () {
    try {
      yield new Bluebird(() => {});
    } finally {
      left++;
    }
  });
  yield cancelAll(jobs, waiting);
  check(left, jobs);
  return jobs;
});

const fanOutOver = Bluebird.coroutine(function* (jobs, job) {
  const inputs = Array.from({ length: jobs }, (_, n) => n);
  return checkResults(yield Bluebird.map(inputs, job, { concurrency: 50 }), jobs);
});

export const fanOut = (jobs) => fanOutOver(jobs, trivial);

export function fanOutGivingWay(jobs) {
  const job = Bluebird.coroutine(function* (n) {
    yield Bluebird.resolve();
    return n;
  });
  return fanOutOver(jobs, job);
}

export const waitingTaskBytes = Bluebird.coroutine(function* (jobs, heap) {
  let count = 0;
  const waiting = Bluebird.coroutine(function* (promise) {
    yield promise;
    count++;
  });
  const before = heap();
  const wakers = new Array(jobs);
  const running = Array.from({ length: jobs }, (_, i) => waiting(new Bluebird((resolve) => (wakers[i] = resolve))));
  yield Bluebird.resolve();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const wake of wakers) wake();
  yield Bluebird.all(running);
  check(count, jobs);
  return bytes;
});

export const sleepingTaskBytes = Bluebird.coroutine(function* (jobs, heap) {
  let count = 0;
  const sleeping = Bluebird.coroutine(function* () {
    yield Bluebird.delay(longer(jobs));
    count++;
  });
  const before = heap();
  const running = Array.from({ length: jobs }, sleeping);
  yield Bluebird.resolve();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  yield Bluebird.all(running);
  check(count, jobs);
  return bytes;
});
