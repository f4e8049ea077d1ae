// What runs in a context cannot enter it a second time: neither a task, nor a callback, nor from another context.
import { ContextVar, type EventLoop, RuntimeError, copyContext, createTask, getRunningLoop, run, sleep } from "tsyncio";

class ValueError extends Error {}

const note = new ContextVar("var", { default: "unset" });
const context = copyContext();
const other = copyContext();

function enter(who: string) {
  try {
    context.run(console.log, who, "entered");
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log(who, "is inside already");
  }
}

const handler: Parameters<EventLoop["setExceptionHandler"]>[0] = (loop, report) => {
  console.log("handler", (report.exception as Error).message, note.get());
};

function fail() {
  note.set("failed");
  throw new ValueError("boom");
}

async function inContext() {
  note.set("task");
  enter("task");
  other.run(enter, "from another context");
  await sleep(0);
  console.log("still", note.get());
}

async function main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler(handler);
  enter("main");
  await createTask(inContext(), { context });
  enter("main after the task");
  loop.callSoonIn(context, enter, "callback");
  loop.callSoonIn(context, fail);
  await sleep(0);
  console.log("main", note.get(), "context", context.get(note));
}

await run(main());
