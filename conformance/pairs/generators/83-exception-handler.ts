// An error in a callback goes to the handler the program has set; the loop and the other callbacks go on.
import { type EventLoop, coroutine, createTask, getRunningLoop, run, sleep, wait } from "tsyncio";

type ExceptionHandler = Parameters<EventLoop["setExceptionHandler"]>[0];

class ValueError extends Error {}

const handler: ExceptionHandler = (loop, context) => {
  const error = context.exception;
  if (error == null) {
    console.log("handler message", context.message);
  } else {
    console.log("handler error", (error as Error).message);
  }
};

function broken(text: string) {
  console.log("about to fail", text);
  throw new ValueError(text);
}

const taskError = coroutine(function* taskError() {
  throw new ValueError("kept in the task");
});

const main = coroutine(function* main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler(handler);
  loop.callSoon(console.log, "before");
  loop.callSoon(broken, "soon");
  loop.callSoon(console.log, "after");
  yield* sleep(0);
  console.log("main goes on");
  const fut = loop.createFuture<string>();
  fut.addDoneCallback(() => broken("done callback"));
  fut.addDoneCallback((f) => console.log("next callback", f.result()));
  fut.setResult("value");
  console.log("awaiting", yield* fut);
  yield* sleep(0);
  loop.callLater(40, broken, "later");
  yield* sleep(200);
  loop.callExceptionHandler({ message: "called by hand" });
  loop.callExceptionHandler({ message: "with error", exception: new ValueError("by hand") });
  const task = createTask(taskError());
  yield* wait([task]);
  console.log("not for the handler:", task.exception()!.message);
  const handle = loop.callSoon(broken, "never");
  handle.cancel();
  yield* sleep(0);

  const second: ExceptionHandler = (loop, context) => {
    console.log("second handler", (context.exception as Error).message);
  };

  loop.callSoon(() => loop.setExceptionHandler(second));
  loop.callSoon(broken, "after the change");
  yield* sleep(0);
  console.log("end");
});

await run(main());
