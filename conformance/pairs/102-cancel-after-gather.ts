// A second cancellation comes when a gather has already been cancelled and its task not been told: the first message stays.
import { CancelledError, type Task, createTask, currentTask, gather, run, sleep } from "tsyncio";

type Message = [] | [string];

async function waiter(name: string, aw: PromiseLike<unknown>) {
  try {
    await aw;
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    console.log(name, "cancelled", e.message || "without a message", currentTask()!.cancelling());
  }
}

async function twice(name: string, task: Task, first: Message, second: Message) {
  await sleep(0);
  task.cancel(...first);
  // The inner task ends now, the gather in the next iteration, the waiter after it.
  await sleep(0);
  await sleep(0);
  console.log(name, "again", Number(task.cancel(...second)));
  await task;
}

async function main() {
  for (const [name, first, second] of [["a", [], ["late"]], ["b", ["early"], ["late"]], ["c", ["early"], []]] as [string, Message, Message][]) {
    const task = createTask(waiter(name, gather(sleep(5000))));
    await twice(name, task, first, second);
  }
  for (const [name, first, second] of [["d", [], ["late"]], ["e", ["early"], ["late"]]] as [string, Message, Message][]) {
    const inner = createTask(sleep(5000));
    const task = createTask(waiter(name, inner));
    await sleep(0);
    await sleep(0);
    inner.cancel(...first);
    await sleep(0);
    console.log(name, "again", Number(task.cancel(...second)));
    await task;
  }
}

await run(main());
