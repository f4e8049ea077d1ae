// Sleepers wake by deadline; tasks that only give way are not held up by them.
import { coroutine, createTask, gather, getRunningLoop, run, sleep } from "tsyncio";

const sleeper = coroutine(function* sleeper(name: string, delay: number) {
  console.log(name, "sleeps");
  const got = yield* sleep(delay, name + " result");
  console.log(name, "woke");
  return got;
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  const start = loop.time();
  const results = yield* gather(
    sleeper("slow", 180),
    sleeper("fast", 60),
    sleeper("none", 0),
    sleeper("middle", 120),
    sleeper("negative", -5000),
  );
  console.log(results.join("; "));
  const took = loop.time() - start;
  console.log("long enough", Number(took >= 170));
  const watch = createTask(sleeper("watch", 40));
  let turns = 0;
  while (!watch.done()) {
    turns += 1;
    yield* sleep(0);
  }
  console.log("gave way", Number(turns > 1), yield* watch);
});

await run(main());
