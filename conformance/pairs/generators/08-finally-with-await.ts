// Awaits inside finally let other tasks in; the value returned in try survives them.
import { coroutine, createTask, run, sleep } from "tsyncio";

class ValueError extends Error {}

const holder = coroutine(function* holder(name: string, log: string[]) {
  try {
    console.log(name, "body");
    return name + " value";
  } finally {
    for (let i = 0; i < 2; i++) {
      console.log(name, "cleanup", i);
      yield* sleep(0);
    }
    log.push(name);
    console.log(name, "cleaned");
  }
});

const failing = coroutine(function* failing() {
  try {
    try {
      throw new ValueError("one");
    } finally {
      yield* sleep(0);
      console.log("inner finally");
    }
  } finally {
    yield* sleep(0);
    console.log("outer finally");
  }
});

const main = coroutine(function* main() {
  const log: string[] = [];
  const a = createTask(holder("a", log));
  const b = createTask(holder("b", log));
  const f = createTask(failing());
  console.log(yield* b);
  console.log(yield* a);
  try {
    yield* f;
  } catch (e) {
    if (!(e instanceof ValueError)) throw e;
    console.log("failed", e.message);
  }
  console.log("order", log.join(","));
});

await run(main());
