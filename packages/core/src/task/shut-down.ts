import { type EventLoop, type Executor, dropExecutor } from "../loop/event-loop.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
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
  const ended = executor.shutdown({ wait: true });
  if (timeout === null) {
    const $ = enter(ended);
    if ($ === SUSPEND) yield;
    return;
  }
  const first = new Future<boolean>({ loop });
  const timer = loop.callLater(timeout, () => void (first.done() || first.setResult(false)));
  void Promise.resolve(ended).then(
    () => void (first.done() || first.setResult(true)),
    (error) => void (first.done() || first.settle(FAILED, error)),
  );
  try {
    const inTime: boolean = yield first;
    if (inTime) return;
  } finally {
    timer.cancel();
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
