import { LifoQueue, PriorityQueue, Queue, RuntimeError, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

const KINDS = [Queue, LifoQueue, PriorityQueue];

test("test_queues.py::_QueueJoinTestMixin.test_task_done_underflow: taskDone() is refused when nothing was put", () => {
  for (const Kind of KINDS)
    expect(() => new Kind().taskDone()).toThrow(
      new RuntimeError(
        `Cannot mark an item of ${Kind.name} as done: taskDone() was called too many times, once for each item is enough`,
      ),
    );
});

test("test_queues.py::_QueueJoinTestMixin.test_task_done: join() waits until every item that was put has been marked as done", () =>
  program(async ({ log }) => {
    for (const Kind of KINDS) {
      const queue = new Kind<number>();
      for (let item = 0; item < 100; item++) queue.putNowait(item);
      let sum = 0;
      let running = true;
      const work = async () => {
        while (running) {
          sum += await queue.get();
          await sleep(0);
          queue.taskDone();
        }
        log.push("worker ends");
      };
      await taskGroup(async (tg) => {
        for (let worker = 0; worker < 2; worker++) tg.createTask(work());
        await queue.join();
        log.push(`joined at ${sum}, ${queue.statistics().unfinished} left`);
        running = false;
        for (let worker = 0; worker < 2; worker++) queue.putNowait(0);
      });
    }
    expect(log).toEqual(KINDS.flatMap(() => ["joined at 4950, 0 left", "worker ends", "worker ends"]));
  }));

test("test_queues.py::_QueueJoinTestMixin.test_join_empty_queue: join() of a queue into which nothing was put does not suspend, however often", () =>
  program(async ({ log, loop }) => {
    loop.callSoon(() => log.push("next iteration"));
    for (const Kind of KINDS) {
      const queue = new Kind();
      await queue.join();
      await queue.join();
      log.push(Kind.name);
    }
    await sleep(0);
    expect(log).toEqual(["Queue", "LifoQueue", "PriorityQueue", "next iteration"]);
  }));

test("test_queues.py::_QueueJoinTestMixin.test_format: the text of a queue tells how many items are not done yet", () => {
  for (const Kind of KINDS) {
    const queue = new Kind<number>();
    expect(String(queue)).toBe(`<${Kind.name} maxsize=0>`);
    for (const item of [1, 2]) queue.putNowait(item);
    for (let i = 0; i < 2; i++) queue.getNowait();
    expect(String(queue)).toBe(`<${Kind.name} maxsize=0 tasks=2>`);
  }
});
