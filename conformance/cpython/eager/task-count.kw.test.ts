import { type Awaitable, type TaskFactory, Task, gather, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { type Given, program } from "../../program.ts";

const WIDTH = 5;
const DEPTH = 4;
/** 5 + 25 + 125 + 625. */
const CHILDREN = 780;

/**
 * Runs a program where tasks start in the next iteration, then where they start at once: how many tasks each made, and
 * how many of those did not end within the call.
 */
async function counted(main: (given: Given) => Awaitable<void>): Promise<{ made: number; scheduled: number }[]> {
  const counts: { made: number; scheduled: number }[] = [];
  for (const eagerStart of [false, true]) {
    const count = { made: 0, scheduled: 0 };
    const counting: TaskFactory = (loop, co, options) => {
      count.made++;
      const task = new Task(co, { ...options, loop, eagerStart });
      if (!task.done()) count.scheduled++;
      return task;
    };
    await program(async (given) => {
      given.loop.setTaskFactory(counting);
      await main(given);
      given.loop.setTaskFactory(null);
    });
    counts.push(count);
  }
  return counts;
}

test("test_eager_task_factory.py::BaseTaskCountingTests.test_awaitables_chain: coroutines that await each other make no task, at whatever depth", async () => {
  const chain = async (depth: number): Promise<number> => (depth === 0 ? 0 : 1 + (await chain(depth - 1)));
  const counts = await counted(async ({ log }) => {
    log.push(await chain(100));
    expect(log).toEqual([100]);
  });
  expect(counts).toEqual([
    { made: 0, scheduled: 0 },
    { made: 0, scheduled: 0 },
  ]);
});

test("test_eager_task_factory.py::BaseTaskCountingTests.test_recursive_taskgroups: task groups within task groups make one task for each member, of which none is scheduled when all can run at once", async () => {
  const groups = async (depth: number): Promise<void> => {
    if (depth === 0) return;
    await taskGroup(async (tg) => {
      for (let n = 0; n < WIDTH; n++) tg.createTask(groups(depth - 1));
    });
  };
  expect(await counted(() => groups(DEPTH))).toEqual([
    { made: CHILDREN, scheduled: CHILDREN },
    { made: CHILDREN, scheduled: 0 },
  ]);
});

test("test_eager_task_factory.py::BaseTaskCountingTests.test_recursive_gather: gathers within gathers make one task for each coroutine, of which none is scheduled when all can run at once", async () => {
  const gathers = async (depth: number): Promise<void> => {
    if (depth > 0) await gather(...Array.from({ length: WIDTH }, () => gathers(depth - 1)));
  };
  expect(await counted(() => gathers(DEPTH))).toEqual([
    { made: CHILDREN, scheduled: CHILDREN },
    { made: CHILDREN, scheduled: 0 },
  ]);
  const waiting = async (): Promise<void> => void (await gather(gathers(1), sleep(0)));
  expect((await counted(waiting))[1]).toEqual({ made: 2 + WIDTH, scheduled: 1 });
});
