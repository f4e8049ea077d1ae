// as_completed as a plain iterable: each awaitable gives the next result to arrive, or raises its error.
import { type Awaitable, asCompleted, coroutine, createTask, run, sleep } from "tsyncio";

class ValueError extends Error {}

const work = coroutine(function* work(name: string, delay: number, fail = false) {
  yield* sleep(delay);
  if (fail) {
    throw new ValueError(name);
  }
  return name;
});

const main = coroutine(function* main() {
  const jobs = [work("c", 160), work("a", 40), work("b", 100, true)];
  for (const next of asCompleted(jobs)) {
    try {
      console.log("result", yield* next);
    } catch (e) {
      if (!(e instanceof ValueError)) throw e;
      console.log("error", e.message);
    }
  }
  const tasks = ([["x", 100], ["y", 40]] as const).map(([n, d]) => createTask(work(n, d)));
  const [first, second] = asCompleted(tasks);
  console.log("out of turn", yield* second, yield* first);
  const done = createTask(work("early", 0));
  yield* sleep(40);
  let seen: string[] = [];
  for (const next of asCompleted([work("later", 40), done])) {
    seen.push(yield* next);
  }
  console.log(seen.join(","));
  seen = [];
  for (const next of asCompleted([done, done, done])) {
    seen.push(yield* next);
  }
  console.log("duplicates", seen.join(","));
  console.log("empty", [...asCompleted([] as Awaitable<string>[])].length);
  const kept = [createTask(work("stays", 60)), createTask(work("first", 0))];
  for (const next of asCompleted(kept)) {
    console.log("leave after", yield* next);
    break;
  }
  console.log("not cancelled", yield* kept[0]);
});

await run(main());
