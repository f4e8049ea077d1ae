import co from "co";
import { check } from "../../check.mjs";
import { checkFibonacci, checkResults, longer } from "../../scheduling/expected.mjs";

export const start = (promise) => promise;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const fibonacci = co.wrap(function* (n) {
  return n < 2 ? n : (yield fibonacci(n - 1)) + (yield fibonacci(n - 2));
});

export const callChain = co.wrap(function* (n) {
  return checkFibonacci(yield fibonacci(n), n);
});

const trivial = co.wrap(function* (n) {
  return n;
});

export const spawnAndGather = co.wrap(function* (jobs) {
  return checkResults(yield Promise.all(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
});

/** A coroutine begins when it is called, always. */
export const spawnAndGatherEager = (jobs) => spawnAndGather(jobs);

export const giveWays = co.wrap(function* (times) {
  let count = 0;
  const job = co.wrap(function* () {
    for (let i = 0; i < times; i++) {
      yield Promise.resolve();
      count++;
    }
  });
  yield Promise.all(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
});

const nested = co.wrap(function* (depth, body) {
  return yield depth > 0 ? nested(depth - 1, body) : body();
});

export const deepChain = co.wrap(function* (depth) {
  let count = 0;
  const body = co.wrap(function* () {
    for (let i = 0; i < 100; i++) {
      yield Promise.resolve();
      count++;
    }
  });
  for (let i = 0; i < 20; i++) yield nested(depth, body);
  check(count, 2_000);
  return count;
});

export const resumeCost = co.wrap(function* (depth, clock) {
  const times = 20_000;
  const measure = co.wrap(function* () {
    const before = clock();
    for (let i = 0; i < times; i++) yield Promise.resolve();
    return clock() - before;
  });
  return (yield nested(depth, measure)) / (yield nested(1, measure));
});

function deferred() {
  let resolve;
  const promise = new Promise((r) => (resolve = r));
  return { promise, resolve };
}

export const pingPong = co.wrap(function* (rounds) {
  const balls = [deferred(), deferred()];
  const player = co.wrap(function* (i) {
    let ball;
    for (let round = 0; round < rounds; round++) {
      ball = yield balls[i].promise;
      balls[i] = deferred();
      balls[1 - i].resolve(ball + 1);
    }
    return ball;
  });
  balls[0].resolve(1);
  const [, count] = yield Promise.all([player(0), player(1)]);
  check(count, 2 * rounds);
  return count;
});

export const timers = co.wrap(function* (sleepers) {
  let count = 0;
  const job = co.wrap(function* (i) {
    yield sleep(1 + (i % 20));
    count++;
  });
  yield Promise.all(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
});

export const waitingTaskBytes = co.wrap(function* (jobs, heap) {
  let count = 0;
  const waiting = co.wrap(function* (promise) {
    yield promise;
    count++;
  });
  const before = heap();
  const wakers = new Array(jobs);
  const running = Array.from({ length: jobs }, (_, i) => waiting(new Promise((resolve) => (wakers[i] = resolve))));
  yield Promise.resolve();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const wake of wakers) wake();
  yield Promise.all(running);
  check(count, jobs);
  return bytes;
});

export const sleepingTaskBytes = co.wrap(function* (jobs, heap) {
  let count = 0;
  const sleeping = co.wrap(function* () {
    yield sleep(longer(jobs));
    count++;
  });
  const before = heap();
  const running = Array.from({ length: jobs }, sleeping);
  yield Promise.resolve();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  yield Promise.all(running);
  check(count, jobs);
  return bytes;
});
