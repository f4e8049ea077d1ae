/**
 * What is measured. `size` is what the function of each peer is called with, `small` the same for a test of the function itself.
 * The targets are ratios to native promises on the same Node: in keyword spelling, in generator spelling where that has its
 * own, and the one still hoped for. Bytes and ratios are judged as they are.
 *
 * A workload gives how many operations it did ("ns", what its row shows for each), the bytes that a task takes ("bytes"; its second
 * argument tells the heap in use), or how much longer the one takes than the other ("ratio"; the second argument is the
 * clock). It does so after it has checked its own result.
 */
export const workloads = {
  callChain: {
    about: "awaits that never suspend: `fibonacci(22)` with a coroutine for every call; per call",
    size: 22,
    small: 10,
    target: 0.55,
    generators: 0.7,
    stretch: 0.48,
  },
  spawnAndGather: {
    about: "100,000 trivial jobs at once; per job",
    size: 100_000,
    small: 100,
    target: 1.5,
    stretch: 1.3,
  },
  spawnAndGatherEager: {
    about: "the same, each begun in the call that makes its task",
    size: 100_000,
    small: 100,
    target: 1.2,
    stretch: 0.9,
  },
  giveWays: {
    about: "10 jobs give way 10,000 times each: `sleep(0)` against an `await` of a resolved promise; per time",
    size: 10_000,
    small: 10,
    target: 0.9,
    generators: 1.3,
    stretch: 0.7,
  },
  deepChain: {
    about:
      "20 times 1,000 callers above a job that gives way 100 times, with what it costs to get down there; per time",
    size: 1_000,
    small: 30,
    target: 0.95,
    generators: 1.4,
    stretch: 0.75,
  },
  resumeCost: {
    about: "giving way below 1,000 callers, once down there, against giving way below one",
    size: 1_000,
    small: 30,
    unit: "ratio",
    target: 1.3,
  },
  pingPong: {
    about: "two jobs hand a value back and forth through futures; per hand-over",
    size: 20_000,
    small: 20,
    target: 0.95,
    generators: 1.4,
    stretch: 0.8,
  },
  boundedQueue: {
    about: "a producer and a consumer with a queue of 100 places between them; per item",
    size: 100_000,
    small: 300,
    target: 0.4,
    generators: 0.6,
    stretch: 0.25,
  },
  freeLock: {
    about: "a lock that nobody else wants; per acquisition",
    size: 100_000,
    small: 100,
    target: 0.3,
    generators: 0.5,
    stretch: 0.17,
  },
  contendedLock: {
    about: "100 jobs want one lock 200 times each and give way while they hold it; per acquisition",
    size: 200,
    small: 2,
    target: 0.27,
    generators: 0.33,
    stretch: 0.17,
  },
  contendedSemaphore: {
    about: "the same with a semaphore of ten permits",
    size: 200,
    small: 2,
    target: 0.27,
    generators: 0.33,
    stretch: 0.15,
  },
  timers: {
    about: "100,000 sleeps at once, of 1 to 20 ms; per sleep",
    size: 100_000,
    small: 100,
    target: 0.65,
    stretch: 0.45,
  },
  cancellations: {
    about: "100,000 waiting jobs, made and cancelled; natively through an `AbortSignal` each; per job",
    size: 100_000,
    small: 100,
    target: 0.1,
    stretch: 0.04,
  },
  cancellationsWithFinally: {
    about: "the same, each with a `finally`",
    size: 100_000,
    small: 100,
    target: 0.09,
    stretch: 0.05,
  },
  fanOut: {
    about: "100,000 trivial jobs, 50 of them at a time, their results in order; per job",
    size: 100_000,
    small: 200,
    target: 0.95,
    stretch: 0.6,
  },
  fanOutGivingWay: {
    about: "the same with jobs that give way once",
    size: 100_000,
    small: 200,
    target: 1,
    stretch: 0.8,
  },
  generatorPipeline: {
    about: "three async generators in a row; per item of the first",
    size: 20_000,
    small: 20,
    target: 0.3,
    stretch: 0.18,
  },
  contextVariables: {
    about:
      "100 jobs set a variable, give way, read it and set it back, 200 times each; natively `AsyncLocalStorage`; per time",
    size: 200,
    small: 2,
    target: 0.06,
    stretch: 0.035,
  },
  waitingTaskBytes: {
    about: "heap that a job takes which waits for a future",
    size: 20_000,
    small: 100,
    unit: "bytes",
    target: 280,
    stretch: 236,
  },
  sleepingTaskBytes: {
    about: "heap that a job takes which sleeps",
    size: 20_000,
    small: 100,
    unit: "bytes",
    target: 390,
    stretch: 295,
  },
};
