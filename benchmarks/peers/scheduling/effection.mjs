import { all, createContext, run, sleep, spawn, until, withResolvers } from "effection";
import { check } from "../../check.mjs";
import { checkFibonacci, checkResults, longer } from "../../scheduling/expected.mjs";

export const start = (operation) => run(() => operation);

const giveWay = () => until(Promise.resolve());

function* fibonacci(n) {
  return n < 2 ? n : (yield* fibonacci(n - 1)) + (yield* fibonacci(n - 2));
}

export function* callChain(n) {
  return checkFibonacci(yield* fibonacci(n), n);
}

function* trivial(n) {
  return n;
}

export function* spawnAndGather(jobs) {
  return checkResults(yield* all(Array.from({ length: jobs }, (_, n) => trivial(n))), jobs);
}

export function* giveWays(times) {
  let count = 0;
  function* job() {
    for (let i = 0; i < times; i++) {
      yield* giveWay();
      count++;
    }
  }
  yield* all(Array.from({ length: 10 }, job));
  check(count, 10 * times);
  return count;
}

function* nested(depth, body) {
  return yield* depth > 0 ? nested(depth - 1, body) : body();
}

export function* deepChain(depth) {
  let count = 0;
  for (let i = 0; i < 20; i++) {
    yield* nested(depth, function* () {
      for (let i = 0; i < 100; i++) {
        yield* giveWay();
        count++;
      }
    });
  }
  check(count, 2_000);
  return count;
}

export function* resumeCost(depth, clock) {
  const times = 20_000;
  function* measure() {
    const before = clock();
    for (let i = 0; i < times; i++) yield* giveWay();
    return clock() - before;
  }
  return (yield* nested(depth, measure)) / (yield* nested(1, measure));
}

export function* pingPong(rounds) {
  const balls = [withResolvers(), withResolvers()];
  function* player(i) {
    let ball;
    for (let round = 0; round < rounds; round++) {
      ball = yield* balls[i].operation;
      balls[i] = withResolvers();
      balls[1 - i].resolve(ball + 1);
    }
    return ball;
  }
  balls[0].resolve(1);
  const [, count] = yield* all([player(0), player(1)]);
  check(count, 2 * rounds);
  return count;
}

export function* timers(sleepers) {
  let count = 0;
  function* job(i) {
    yield* sleep(1 + (i % 20));
    count++;
  }
  yield* all(Array.from({ length: sleepers }, (_, i) => job(i)));
  check(count, sleepers);
  return count;
}

function* cancelAll(count, waiting) {
  const tasks = [];
  for (let i = 0; i < count; i++) tasks.push(yield* spawn(waiting));
  yield* giveWay();
  for (const task of tasks) yield* task.halt();
  return count;
}

export function* cancellations(jobs) {
  let ended = 0;
  yield* cancelAll(jobs, function* () {
    yield* withResolvers().operation;
    ended++;
  });
  check(ended, 0);
  return jobs;
}

export function* cancellationsWithFinally(jobs) {
  let left = 0;
  yield* cancelAll(jobs, function* () {
    try {
      yield* withResolvers().operation;
    } finally {
      left++;
    }
  });
  check(left, jobs);
  return jobs;
}

const StepContext = createContext("step");

export function* contextVariables(times) {
  let count = 0;
  function* step(value) {
    yield* giveWay();
    if ((yield* StepContext.expect()) === value) count++;
  }
  function* job(_, n) {
    for (let i = 0; i < times; i++) yield* StepContext.with(n + i, step);
  }
  yield* all(Array.from({ length: 100 }, job));
  check(count, 100 * times);
  return count;
}

export function* waitingTaskBytes(jobs, heap) {
  let count = 0;
  const before = heap();
  const futures = Array.from({ length: jobs }, () => withResolvers());
  const tasks = [];
  for (const { operation } of futures) {
    const waiting = function* () {
      yield* operation;
      count++;
    };
    tasks.push(yield* spawn(waiting));
  }
  yield* giveWay();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const { resolve } of futures) resolve();
  for (const task of tasks) yield* task;
  check(count, jobs);
  return bytes;
}

export function* sleepingTaskBytes(jobs, heap) {
  let count = 0;
  function* sleeping() {
    yield* sleep(longer(jobs));
    count++;
  }
  const before = heap();
  const tasks = [];
  for (let i = 0; i < jobs; i++) tasks.push(yield* spawn(sleeping));
  yield* giveWay();
  const bytes = (heap() - before) / jobs;
  check(count, 0);
  for (const task of tasks) yield* task;
  check(count, jobs);
  return bytes;
}
