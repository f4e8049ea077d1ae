import { createTask, sleep, wait } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";

test("wait() looks at its arguments in asyncio's order: whether there are any, then returnWhen, then whether all are futures", () =>
  program(async () => {
    const returnWhen = "LAST_COMPLETED" as never;
    const co = sleep(1);
    expect(() => wait([], { returnWhen })).toThrow(
      new RangeError("Cannot wait: there are no tasks or futures to wait for"),
    );
    expect(() => wait([co as never], { returnWhen })).toThrow(
      new RangeError(
        "Cannot wait: returnWhen must be one of ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, received LAST_COMPLETED",
      ),
    );
    expect(() => wait([co as never])).toThrow(
      new TypeError('Cannot wait for coroutine "sleep": pass tasks; write createTask(sleep(...))'),
    );
    expect(() => wait(co as never)).toThrow(TypeError);
    const task = createTask(co);
    const [done] = await wait([task, task]);
    expect([...done]).toEqual([task]);
  }));
