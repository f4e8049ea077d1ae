// wait: all completed, first completed, first exception; a cancelled task is no exception to it.
import { type Task, coroutine, createTask, getRunningLoop, run, sleep, wait } from "tsyncio";

class ValueError extends Error {}

const work = coroutine(function* work(name: string, delay: number, outcome = "ok") {
  yield* sleep(delay);
  if (outcome === "fail") {
    throw new ValueError(name);
  }
  return name;
});

function names(tasks: Iterable<Task<string>>) {
  return [...tasks].map((t) => t.getName()).sort().join(",") || "nobody";
}

const main = coroutine(function* main() {
  function start(...specs: [string, number, string?][]) {
    return specs.map((s) => createTask(work(...s), { name: s[0] }));
  }

  let ts = start(["a", 100], ["b", 20, "fail"], ["c", 60]);
  let [done, pending] = yield* wait(ts);
  console.log("all", names(done), "|", names(pending), "|", ts[1].exception()!.message);
  ts = start(["d", 140], ["e", 20], ["f", 260]);
  [done, pending] = yield* wait(ts, { returnWhen: "FIRST_COMPLETED" });
  console.log("first", names(done), "|", names(pending));
  [done, pending] = yield* wait(pending, { returnWhen: "FIRST_COMPLETED" });
  console.log("next", names(done), "|", names(pending));
  [done, pending] = yield* wait(ts, { returnWhen: "FIRST_COMPLETED" });
  console.log("already done", names(done), "|", names(pending));
  yield* ts[2];
  ts = start(["g", 20], ["h", 5000], ["i", 60, "fail"], ["j", 200]);
  getRunningLoop().callSoon(() => ts[1].cancel());
  [done, pending] = yield* wait(ts, { returnWhen: "FIRST_EXCEPTION" });
  console.log("exception", names(done), "|", names(pending));
  yield* ts[3];
  ts = start(["k", 0], ["l", 0], ["m", 0]);
  [done, pending] = yield* wait(ts, { returnWhen: "FIRST_COMPLETED" });
  console.log("same iteration", names(done), "|", names(pending));
  [done, pending] = yield* wait([ts[0], ts[0], ts[1]], { returnWhen: "FIRST_EXCEPTION" });
  console.log("duplicates", names(done), "|", names(pending));
});

await run(main());
