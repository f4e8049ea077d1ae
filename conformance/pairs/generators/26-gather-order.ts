// Results come in argument order, whatever the order of finishing; children start in argument order.
import { coroutine, createTask, gather, getRunningLoop, run, sleep } from "tsyncio";

const work = coroutine(function* work(name: string, rounds: number) {
  console.log("start", name);
  for (let i = 0; i < rounds; i++) {
    yield* sleep(0);
  }
  console.log("end", name);
  return name;
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  const fut = loop.createFuture<string>();
  loop.callLater(40, () => fut.setResult("future"));
  const task = createTask(work("task", 1));
  let outer = gather([work("a", 3), fut, task, work("b", 0), work("c", 2)]);
  console.log("made", Number(outer.done()));
  console.log((yield* outer).join(","));
  console.log((yield* outer).join(","));
  const done = loop.createFuture<string>();
  done.setResult("ready");
  const finished = gather(done, task);
  console.log("all done already", Number(finished.done()), (yield* finished).join(","));
  console.log("empty", (yield* gather()).length);
  outer = gather([work("d", 0), done]);
  outer.addDoneCallback(() => console.log("outer callback"));
  console.log((yield* outer).join(","));
  console.log("main after outer");
});

await run(main());
