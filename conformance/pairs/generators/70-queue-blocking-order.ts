// Blocked putters and getters are served in the order they came.
import { Queue, coroutine, createTask, gather, run, sleep } from "tsyncio";

const putter = coroutine(function* putter(queue: Queue<number | string>, item: number) {
  yield* queue.put(item);
  console.log("put", item, "size", queue.qsize());
});

const getter = coroutine(function* getter(queue: Queue<number | string>, name: string) {
  const item = yield* queue.get();
  console.log(name, "got", item);
});

const main = coroutine(function* main() {
  const queue = new Queue<number | string>(1);
  const putters = [0, 1, 2, 3].map((i) => createTask(putter(queue, i)));
  yield* sleep(0);
  console.log("full", Number(queue.full()));
  for (let k = 0; k < 4; k++) {
    console.log("main got", yield* queue.get());
    yield* sleep(0);
  }
  yield* gather(putters);
  let getters = ["a", "b", "c"].map((n) => createTask(getter(queue, n)));
  yield* sleep(0);
  yield* queue.put("x");
  console.log("one put");
  yield* queue.put("y");
  console.log("two put");
  yield* queue.put("z");
  console.log("three put");
  yield* gather(getters);
  const wide = new Queue<number | string>();
  getters = ["d", "e", "f"].map((n) => createTask(getter(wide, n)));
  yield* sleep(0);
  for (const item of ["p", "q", "r", "s"]) {
    wide.putNowait(item);
  }
  console.log("size before they wake", wide.qsize());
  yield* gather(getters);
  console.log("size", wide.qsize());
});

await run(main());
