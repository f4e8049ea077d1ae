import {
  type EventLoop,
  Task,
  asCompleted,
  createTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  sleep,
  shield,
  taskGroup,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { iterationsFromHere } from "./iterations.ts";

async function instant(): Promise<string> {
  return "value";
}

test("a task of a factory that is given no name is called Task-<number>, where CPython 3.13.0 calls it None", () =>
  program(async ({ loop, log }) => {
    const plain = <T>(loop: EventLoop, co: never): Task<T> => new Task<T>(co, { loop });
    for (const factory of [plain, eagerTaskFactory]) {
      loop.setTaskFactory(factory as typeof eagerTaskFactory);
      const task = createTask(instant());
      log.push(task.getName());
      await task;
    }
    expect(log).toEqual([expect.stringMatching(/^Task-\d+$/), expect.stringMatching(/^Task-\d+$/)]);
    expect(log[0]).not.toBe(log[1]);
  }));

const helpers: Record<string, [iterations: number, use: () => PromiseLike<unknown>]> = {
  "wait()": [2, () => wait([createTask(instant())])],
  "asCompleted() in a for loop": [
    2,
    async () => {
      for (const next of asCompleted([instant()])) await next;
    },
  ],
  "asCompleted() in a for await loop": [
    2,
    async () => {
      for await (const task of asCompleted([instant()])) task.result();
    },
  ],
  "gather()": [0, () => gather(instant(), instant())],
  "shield()": [0, () => shield(instant())],
  "a task group": [0, () => taskGroup(async (tg) => void tg.createTask(instant()))],
};

test.each(Object.entries(helpers))(
  "when tasks start eagerly and are done at once, %s takes the iterations of asyncio's",
  async (_, [expected, use]) =>
    program(async () => {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      const iterations = iterationsFromHere();
      await use();
      expect(iterations()).toBe(expected);
      await sleep(0);
    }),
);
