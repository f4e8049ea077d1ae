// Two calls of sleep(0) are two awaitables, wherever they are given: found by a random program.
import { type Task, allTasks, asCompleted, gather, run, sleep } from "tsyncio";

async function main() {
  for await (const task of asCompleted([sleep(0), sleep(0)])) {
    console.log("completed", Number((task as unknown as Task).done()), allTasks().size);
  }
  for (const coming of asCompleted([sleep(0), sleep(0), sleep(0)])) {
    console.log("coming", Number((await coming) === undefined));
  }
  const both = gather(sleep(0), sleep(0));
  console.log("tasks", allTasks().size);
  console.log("results", (await both).length);
}

await run(main());
