// A task group waits for its children; results are read from the tasks; children may start late ones.
import { type Coroutine, RuntimeError, type Task, TaskGroup, coroutine, run, sleep, taskGroup } from "tsyncio";

const work = coroutine(function* work(name: string, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    console.log(name, i);
    yield* sleep(0);
  }
  return name + " result";
});

// Without a name of its own: that would stand for the bare generator function inside.
const spawns = coroutine(function* (tg: TaskGroup, n: number): Generator<unknown, void> {
  console.log("spawn", n);
  if (n > 0) {
    tg.createTask(spawns(tg, n - 1));
  }
  yield* sleep(0);
  console.log("leave", n);
});

const main = coroutine(function* main() {
  let a!: Task<string>;
  let b!: Task<string>;
  yield* taskGroup(coroutine(function* (tg) {
    a = tg.createTask(work("a", 2), { name: "first" });
    b = tg.createTask(work("b", 1));
    console.log("body ends", a.getName());
  }));
  console.log(a.result(), "|", b.result());
  let late!: Task<string>;
  yield* taskGroup(coroutine(function* (tg) {
    const c = tg.createTask(work("c", 0));
    console.log("awaited in the body", yield* c);
    late = tg.createTask(work("late", 1));
  }));
  console.log(late.result());
  yield* taskGroup(coroutine(function* (tg) {
    tg.createTask(spawns(tg, 3));
  }));
  console.log("all spawned are done");
  let group!: TaskGroup;
  yield* taskGroup(coroutine(function* (tg) {
    group = tg;
  }));
  const co = work("too late", 1);
  try {
    group.createTask(co);
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("the group is finished");
    (co as unknown as Coroutine<string>).close();
  }
});

await run(main());
