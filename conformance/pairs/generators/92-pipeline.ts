// A pipeline of bounded queues: one producer, two workers, one collector; the end travels through as a mark.
import { Queue, type Task, coroutine, gather, run, sleep, taskGroup } from "tsyncio";

const END = -1;

const produce = coroutine(function* produce(out: Queue<number>, n: number) {
  for (let i = 0; i < n; i++) {
    console.log("produce", i);
    yield* out.put(i);
  }
  yield* out.put(END);
  console.log("producer done");
});

const work = coroutine(function* work(name: string, source: Queue<number>, out: Queue<number>) {
  let done = 0;
  while (true) {
    const item = yield* source.get();
    if (item === END) {
      yield* source.put(END);
      break;
    }
    console.log(name, "doubles", item);
    yield* sleep(0);
    yield* out.put(item * 2);
    done += 1;
  }
  return name + " did " + String(done);
});

const collect = coroutine(function* collect(source: Queue<number>, results: number[]) {
  while (true) {
    const item = yield* source.get();
    if (item === END) {
      return;
    }
    console.log("collect", item);
    results.push(item);
    for (let k = 0; k < 3; k++) {
      yield* sleep(0);
    }
  }
});

const main = coroutine(function* main() {
  const first = new Queue<number>(2);
  const second = new Queue<number>(1);
  const results: number[] = [];
  let workers: Task<string>[] = [];
  yield* taskGroup(coroutine(function* (tg) {
    tg.createTask(produce(first, 7));
    workers = ["w1", "w2"].map((n) => tg.createTask(work(n, first, second)));
    const collector = tg.createTask(collect(second, results));
    yield* gather(workers);
    yield* second.put(END);
    yield* collector;
  }));
  console.log(workers.map((w) => w.result()).join("; "));
  console.log(...results.sort((a, b) => a - b));
});

await run(main());
