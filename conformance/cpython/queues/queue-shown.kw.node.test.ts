import { inspect } from "node:util";
import { Queue, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_queues.py::QueueBasicTests.test_repr: console.log shows a queue by its text, not by what it holds inside", () =>
  program(async () => {
    const queue = new Queue<number>(1);
    const getter = createTask(queue.get());
    await sleep(0);
    expect(inspect(queue)).toBe("<Queue maxsize=1 getters[1]>");
    queue.putNowait(0);
    await getter;

    queue.putNowait(1);
    const putter = createTask(queue.put(2));
    await sleep(0);
    expect(inspect({ queue })).toBe("{ queue: <Queue maxsize=1 items=[1] putters[1] tasks=2> }");
    queue.getNowait();
    await putter;
  }));
