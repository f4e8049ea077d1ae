import { Future, allTasks, createTask, newEventLoop, waitFor } from "tsyncio";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { program, takeHeard } from "../../program.ts";

const firstOne = () => {};
const between = () => {};
const lastOne = () => {};

test("test_futures.py::BaseFutureTests.test_future_repr: the text of a future says its state, what came of it, what it will call and, in debug mode, where it was made", () =>
  program(async () => {
    const loop = newEventLoop();
    loop.setDebug(true);
    const traced = new Future({ loop });
    loop.setDebug(false);
    expect(String(traced)).toMatch(/^<Future pending made at .*texts\.kw\.node\.test\.ts:\d+:\d+>$/);
    expect(String(new Future())).toBe("<Future pending>");
    const [cancelled, answered, failed] = [new Future(), new Future<number>(), new Future()];
    cancelled.cancel();
    answered.setResult(4);
    failed.setException(new RangeError("boom"));
    expect([cancelled, answered, failed].map(String)).toEqual([
      "<Future cancelled>",
      "<Future finished result=4>",
      "<Future finished exception=RangeError: boom>",
    ]);
    expect([answered.result(), failed.exception()]).toEqual([4, new RangeError("boom")]);

    class Reply extends Future<number> {}
    const reply = new Reply();
    const shown = [];
    for (const callback of [firstOne, lastOne]) {
      reply.addDoneCallback(callback);
      shown.push(String(reply));
    }
    reply.removeDoneCallback(lastOne);
    for (let i = 0; i < 8; i++) reply.addDoneCallback(between);
    reply.addDoneCallback(lastOne);
    shown.push(String(reply), inspect(reply));
    const many = "<Reply pending cb=[firstOne(), <8 more>, lastOne()]>";
    expect(shown).toEqual([
      "<Reply pending cb=[firstOne()]>",
      "<Reply pending cb=[firstOne(), lastOne()]>",
      many,
      many,
    ]);
    reply.cancel();
    expect(String(reply)).toBe("<Reply cancelled>");
    loop.close();
  }));

function makeAnswer(): Future<never> {
  return new Future();
}

test("test_futures.py::BaseFutureTests.test_future_source_traceback: in debug mode the report of an error that nobody read says where the future was made, the innermost line first", () => {
  let future: Future<never>;
  return program(
    async () => {
      future = makeAnswer();
      future.setException(new Error("boom"));
    },
    {
      debug: true,
      afterwards: (given) => {
        const [{ sourceTraceback }] = given.heard;
        expect(sourceTraceback?.split("\n")[0]).toMatch(/makeAnswer.*texts\.kw\.node\.test\.ts:\d+:\d+/);
        expect(given.heard[0].future).toBe(future);
        expect(takeHeard(given)).toEqual(["Future exception was never retrieved: Error: boom"]);
      },
    },
  );
});

test("test_futures2.py::FutureReprTests.test_recursive_repr_for_pending_tasks: the text of what holds itself comes to an end, be it a future or the tasks that one of them asked for", () =>
  program(async () => {
    const asking = async () => allTasks();
    const task = createTask(asking(), { name: "asking" });
    const tasks = await waitFor(task, 10_000);
    expect(tasks.has(task)).toBe(true);
    expect([...tasks].map(String)).toContain(String(task));
    expect(inspect(tasks)).toContain("<Task finished name='asking'");
    const future = new Future<unknown>();
    future.setResult(future);
    expect(String(future)).toBe("<Future finished result=[object Future]>");
  }));
