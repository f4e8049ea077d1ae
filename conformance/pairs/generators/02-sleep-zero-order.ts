// sleep(0) gives way for one iteration; tasks take turns first in, first out.
import { type Task, coroutine, createTask, run, sleep } from "tsyncio";

const worker = coroutine(function* worker(name: string, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    console.log(name, i);
    yield* sleep(0);
  }
  console.log(name, "done");
  return rounds;
});

const main = coroutine(function* main() {
  const tasks: Task<number>[] = [];
  tasks.push(createTask(worker("a", 3)));
  tasks.push(createTask(worker("b", 1)));
  tasks.push(createTask(worker("c", 2)));
  console.log("created");
  yield* sleep(0);
  console.log("main 1");
  yield* sleep(-1000);
  console.log("main 2");
  const late = createTask(worker("d", 1));
  console.log("a returned", yield* tasks[0]);
  console.log("d returned", yield* late);
  console.log("sleep gave", yield* sleep(0, "nap"));
  console.log("sleep gave", yield* sleep(20, "rest"));
});

await run(main());
