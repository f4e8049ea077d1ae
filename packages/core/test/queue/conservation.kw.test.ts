import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { Queue, createTask, run, sleep } from "tsyncio";
import { expect, test } from "vitest";

const step = record({ kind: constantFrom("get", "put", "cancel", "pause"), who: integer({ min: 0, max: 30 }) });

test("whatever is cancelled and when, every item is taken once, or still there, or was never put", () =>
  assert(
    asyncProperty(integer({ min: 0, max: 3 }), array(step, { maxLength: 60 }), (maxsize, steps) =>
      run(async () => {
        const queue = new Queue<number>(maxsize);
        const [put, taken]: [number[], number[]] = [[], []];
        const getting = async () => taken.push(await queue.get());
        const putting = async (item: number) => {
          await queue.put(item);
          put.push(item);
        };
        const tasks = [];
        for (const [item, { kind, who }] of steps.entries()) {
          if (kind === "get") tasks.push(createTask(getting()));
          else if (kind === "put") tasks.push(createTask(putting(item)));
          else if (kind === "cancel" && tasks.length > 0) tasks[who % tasks.length].cancel();
          else await sleep(0);
        }
        for (const task of tasks) {
          await sleep(0);
          task.cancel();
        }
        while (!tasks.every((task) => task.done())) await sleep(0);
        while (!queue.empty()) taken.push(queue.getNowait());
        expect(taken.sort((a, b) => a - b)).toEqual(put.sort((a, b) => a - b));
        expect(queue.statistics()).toMatchObject({ getters: 0, putters: 0, unfinished: put.length });
      }),
    ),
    { numRuns: 150 },
  ));
