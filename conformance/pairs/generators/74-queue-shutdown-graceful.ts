// A queue shut down gives out what it holds, then raises; blocked putters are refused.
import { Queue, QueueShutDown, coroutine, createTask, gather, run, sleep } from "tsyncio";

const consumer = coroutine(function* consumer(name: string, queue: Queue<string>) {
  let count = 0;
  try {
    while (true) {
      const item = yield* queue.get();
      count += 1;
      console.log(name, "got", item);
      yield* sleep(0);
      queue.taskDone();
    }
  } catch (e) {
    if (!(e instanceof QueueShutDown)) throw e;
    console.log(name, "sees the end after", count);
  }
});

const putter = coroutine(function* putter(name: string, queue: Queue<string>) {
  try {
    yield* queue.put(name);
    console.log(name, "put");
  } catch (e) {
    if (!(e instanceof QueueShutDown)) throw e;
    console.log(name, "refused");
  }
});

const main = coroutine(function* main() {
  const queue = new Queue<string>(2);
  const p = ["p1", "p2", "p3", "p4"].map((n) => createTask(putter(n, queue)));
  yield* sleep(0);
  queue.shutdown();
  console.log("shut down", queue.qsize());
  queue.shutdown();
  try {
    queue.putNowait("more");
  } catch (e) {
    if (!(e instanceof QueueShutDown)) throw e;
    console.log("put_nowait refused");
  }
  yield* gather(p);
  let c = ["c1", "c2"].map((n) => createTask(consumer(n, queue)));
  yield* queue.join();
  console.log("joined");
  yield* gather(c);
  try {
    queue.getNowait();
  } catch (e) {
    if (!(e instanceof QueueShutDown)) throw e;
    console.log("get_nowait refused");
  }
  const idle = new Queue<string>();
  c = ["c3", "c4"].map((n) => createTask(consumer(n, idle)));
  yield* sleep(0);
  idle.shutdown();
  console.log("idle consumers are woken");
  yield* gather(c);
  yield* putter("late", idle);
});

await run(main());
