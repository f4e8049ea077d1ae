import { type Coroutine, type RuntimeError, type TaskGroup, newEventLoop, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_already_entered: a group that runs cannot be entered once more, and the attempt does it no harm", () =>
  program(async ({ log }) => {
    const group: Coroutine<string> = taskGroup(async (tg) => {
      log.push("body");
      const error = (await thrownBy(group)) as RuntimeError;
      log.push(`${error.code}: ${error.message}`);
      return await tg.createTask(sleep(1, "worked"));
    });
    expect(await group).toBe("worked");
    expect(log).toEqual([
      "body",
      'TSYNCIO_RUNTIME: Cannot await coroutine "taskGroup": it has already been awaited; call taskGroup() again for a new one',
    ]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_double_enter: a group that has ended cannot be entered once more", () =>
  program(async ({ log }) => {
    const group = taskGroup(async () => void log.push("body"));
    await group;
    const error = (await thrownBy(group)) as RuntimeError;
    expect([error.code, error.message]).toEqual([
      "TSYNCIO_RUNTIME",
      'Cannot await coroutine "taskGroup": it has already been awaited; call taskGroup() again for a new one',
    ]);
    expect(log).toEqual(["body"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_finished: a group that has ended takes no task any more, and closes the coroutine", () =>
  eitherStart(async ({ log }) => {
    let kept!: TaskGroup;
    await taskGroup(async (tg) => {
      kept = tg;
      tg.createTask(sleep(1));
    });
    const work = async () => void log.push("began");
    const late = work();
    expect(() => kept.createTask(late)).toThrow(
      'Cannot create task "work" in a finished TaskGroup: create tasks before its body returns',
    );
    expect((late as unknown as Coroutine<void>).state).toBe("closed");
    await sleep(0);
    expect(log).toEqual([]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_not_entered: a group that nobody awaits has not been entered: its body is not called, so that nothing can make tasks in it", () =>
  program(async ({ log }) => {
    const group = taskGroup(async (tg) => void log.push(tg));
    await sleep(0);
    expect([group.state, log]).toEqual(["created", []]);
    group.close();
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_without_parent_task: a group is refused where there is no current task, before its body is called", () =>
  program(async ({ log, loop }) => {
    loop.callSoon(() => {
      const group = taskGroup(async (tg) => void log.push(tg));
      try {
        group.send();
      } catch (error) {
        log.push(`${(error as RuntimeError).code}: ${(error as RuntimeError).message}`, group.state);
      }
    });
    await sleep(0);
    expect(log).toEqual([
      "TSYNCIO_RUNTIME: Cannot enter TaskGroup: there is no current task; use it inside a task",
      "closed",
    ]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_coro_closed_when_tg_closed: a coroutine that came too late for its group is closed: it never runs, and cannot be awaited any more", async () => {
  const log: unknown[] = [];
  const loop = newEventLoop({ host: new VirtualHost() });
  const main = async () => {
    let kept!: TaskGroup;
    await taskGroup(async (tg) => void (kept = tg));
    const work = async () => void log.push("began");
    const late = work();
    expect(() => kept.createTask(late, { name: "late" })).toThrow('Cannot create task "late" in a finished TaskGroup');
    return (await thrownBy(late)) as RuntimeError;
  };
  const error = await loop.runUntilComplete(main());
  loop.close();
  expect([error.code, error.message]).toEqual([
    "TSYNCIO_RUNTIME",
    'Cannot await coroutine "work": it has already been awaited; call work() again for a new one',
  ]);
  expect(log).toEqual([]);
});
