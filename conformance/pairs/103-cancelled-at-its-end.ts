// A task that is cancelled in its last step ends as a future does that is cancelled: its message stays, also for gather.
import { CancelledError, createTask, currentTask, gather, getRunningLoop, run, sleep } from "tsyncio";

async function inItsLastStep() {
  currentTask()!.cancel("last step");
  return "dropped";
}

async function whileItWaits() {
  await sleep(5000);
}

function text(e: unknown) {
  return (e as Error).message || "without a message";
}

async function main() {
  const atEnd = createTask(inItsLastStep());
  const waiting = createTask(whileItWaits());
  const loop = getRunningLoop();
  loop.callSoon(() => waiting.cancel("waiting"));
  const future = loop.createFuture();
  loop.callSoon(() => future.cancel("future"));
  const results = await gather([atEnd, waiting, future], { returnExceptions: true });
  console.log(results.map(text).join(", "));
  for (let i = 0; i < 2; i++) {
    try {
      await atEnd;
    } catch (e) {
      if (!(e instanceof CancelledError)) throw e;
      console.log("read again:", text(e), Number(atEnd.cancelled()));
    }
  }
}

await run(main());
