// A barrier lets its parties through together, again and again; each gets its own index.
import { Barrier, coroutine, createTask, gather, run, sleep } from "tsyncio";

const party = coroutine(function* party(name: string, barrier: Barrier, generations: number) {
  for (let g = 0; g < generations; g++) {
    console.log(name, "arrives", g);
    const index = yield* barrier.wait();
    if (index === 0) {
      console.log("generation", g, "led by", name);
    }
    console.log(name, "passes", g, "index", index);
  }
});

const main = coroutine(function* main() {
  const barrier = new Barrier(3);
  console.log("parties", barrier.parties, "waiting", barrier.nWaiting, "broken", Number(barrier.broken));
  const a = createTask(party("a", barrier, 2));
  const b = createTask(party("b", barrier, 2));
  yield* sleep(0);
  console.log("waiting", barrier.nWaiting);
  const c = createTask(party("c", barrier, 2));
  yield* gather(a, b, c);
  console.log("waiting", barrier.nWaiting);
  const tasks = [0, 1, 2, 3, 4, 5, 6].map((i) => createTask(party(String(i), barrier, 1)));
  yield* sleep(100);
  console.log("done", ...tasks.map((t) => Number(t.done())), "waiting", barrier.nWaiting);
  yield* gather(party("x", barrier, 1), party("y", barrier, 1));
  console.log("all", ...tasks.map((t) => Number(t.done())));
  const single = new Barrier(1);
  console.log("single", yield* single.wait(), yield* single.wait());
  try {
    new Barrier(0);
  } catch {
    console.log("at least one party");
  }
});

await run(main());
