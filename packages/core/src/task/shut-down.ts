import type { TimerHandle } from "../loop/handle.ts";
import { type EventLoop, type Executor, dropExecutor } from "../loop/event-loop.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { FAILED, Future, OUTCOME } from "./future.ts";
import { Task } from "./task.ts";

/** @internal Done when all of `futures` are. */
export function allDone(loop: EventLoop, futures: Iterable<Future<any>>): Future<void> {
  const all = new Future<void>({ loop });
  let pending = 1;
  const ended = (): void => {
    if (--pending === 0 && !all.done()) all.setResult(undefined);
  };
  for (const future of futures) {
    pending++;
    future.addDoneCallback(ended);
  }
  ended();
  return all;
}

function* closingAsyncgens(loop: EventLoop): Generator<any, void, any> {
  const open = [...loop.asyncgens];
  loop.asyncgens.clear();
  if (open.length === 0) return;
  const closing = open.map((agen) => new Task(agen.aclose(), { loop }));
  yield allDone(loop, closing);
  closing.forEach((task, i) => {
    if ((task.state & OUTCOME) !== FAILED) return;
    loop.callExceptionHandler({
      message: `an error occurred during closing of asynchronous generator ${String(open[i])}`,
      exception: task.failure(),
      asyncgen: open[i],
    });
  });
}

/** @internal */
export function shutdownAsyncgens(loop: EventLoop): Coroutine<void> {
  return new GeneratorCoroutine<void>(closingAsyncgens(loop), { name: "shutdownAsyncgens" }, 0);
}

function* endingExecutor(
  loop: EventLoop,
  executor: Executor | null,
  timeout: number | null,
): Generator<any, void, any> {
  if (executor?.shutdown === undefined) return;
  let timer: TimerHandle | undefined;
  const ended = Promise.resolve(executor.shutdown({ wait: true })).then(() => true);
  const late = new Promise<boolean>((resolve) => {
    if (timeout !== null) timer = loop.callLater(timeout, resolve, false);
  });
  try {
    const inTime: boolean = yield Promise.race([ended, late]);
    if (inTime) return;
  } finally {
    timer?.cancel();
  }
  console.warn(`The executor did not finishing joining its workers within ${timeout} ms.`);
  dropExecutor(executor);
}

/** @internal */
export function shutdownDefaultExecutor(loop: EventLoop, timeout: number | null): Coroutine<void> {
  return new GeneratorCoroutine<void>(
    endingExecutor(loop, loop.takeDefaultExecutor(), timeout),
    { name: "shutdownDefaultExecutor" },
    0,
  );
}
