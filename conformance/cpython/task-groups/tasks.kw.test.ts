import { ContextVar, type TaskGroup, allTasks, copyContext, currentTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { thrownBy } from "../../thrown-by.ts";
import { members } from "./members.ts";

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_01: a group ends when the slowest of its tasks has ended, and every task keeps its result", () =>
  eitherStart(async ({ loop, log }) => {
    const roast = async (what: string, ms: number) => {
      await sleep(ms);
      log.push(`${what} at ${loop.time()}`);
      return what.length;
    };
    const tasks = await taskGroup(async (tg) => {
      const made = [tg.createTask(roast("almonds", 100)), tg.createTask(roast("nuts", 200))];
      log.push("body ends");
      return made;
    });
    log.push("group ends");
    expect(log).toEqual(["body ends", "almonds at 100", "nuts at 200", "group ends"]);
    expect(tasks.map((task) => task.result())).toEqual([7, 4]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_02: the body may wait, and make further tasks after that, which the group waits for as well", () =>
  eitherStart(async ({ loop, log }) => {
    const roast = async (what: string, ms: number) => {
      await sleep(ms);
      log.push(`${what} at ${loop.time()}`);
      return what.length;
    };
    const tasks = await taskGroup(async (tg) => {
      const first = tg.createTask(roast("almonds", 100));
      await sleep(150);
      log.push(`second made at ${loop.time()}`);
      return [first, tg.createTask(roast("nuts", 200))];
    });
    expect(log).toEqual(["almonds at 100", "second made at 150", "nuts at 350"]);
    expect(tasks.map((task) => task.result())).toEqual([7, 4]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_03: a task of a group that is cancelled by itself is no failure: the others and the body go on, and the group ends well", () =>
  eitherStart(async ({ loop }) => {
    const [dropped, kept] = await taskGroup(async (tg) => {
      const dropped = tg.createTask(sleep(1000, "dropped"));
      await sleep(150);
      dropped.cancel();
      const kept = tg.createTask(sleep(200, "kept"));
      await sleep(100);
      return [dropped, kept] as const;
    });
    expect([dropped.cancelled(), kept.result(), loop.time()]).toEqual([true, "kept", 350]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_23: a group forgets a task that has ended, so that one which lives long and makes many does not grow", () =>
  eitherStart(async ({ log }) => {
    await taskGroup(async (tg) => {
      for (let n = 0; n < 10; n++) {
        await sleep(100);
        tg.createTask(sleep(250));
        log.push(tg.tasks.size);
      }
      await sleep(300);
      log.push(tg.tasks.size);
    });
    expect(log).toEqual([1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 0]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_24: a task of a group may make others in it while the group waits, and the group waits for those too", () =>
  eitherStart(async ({ loop, log }) => {
    const leaf = async (ms: number) => {
      await sleep(ms);
      log.push(`leaf at ${loop.time()}`);
    };
    const root = async (tg: TaskGroup) => {
      await sleep(100);
      tg.createTask(leaf(100));
      tg.createTask(leaf(200));
      log.push(`root at ${loop.time()}`);
    };
    await taskGroup(async (tg) => {
      tg.createTask(root(tg));
      log.push("body ends");
    });
    expect(log).toEqual(["body ends", "root at 100", "leaf at 200", "leaf at 300"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_25: a failure ends a group whose tasks make ever more tasks, without any of them being left", () =>
  eitherStart(async () => {
    let rabbits = 0;
    const rabbit = async (tg: TaskGroup) => {
      rabbits++;
      await sleep(10);
      tg.createTask(rabbit(tg));
      tg.createTask(rabbit(tg));
    };
    const fox = async () => {
      while (rabbits < 10) await sleep(14);
      throw new RangeError("enough");
    };
    const error = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(rabbit(tg));
        tg.createTask(fox());
      }),
    );
    expect(members(error)).toEqual(["RangeError: enough"]);
    // 1 + 2 + 4 + 8 + 16 by the time at which the fox finds enough of them.
    expect([rabbits, allTasks().size]).toEqual([31, 1]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_task_name: a task of a group has the name that it is given", () =>
  eitherStart(async () => {
    await taskGroup(async (tg) => {
      const task = tg.createTask(sleep(1), { name: "heartbeat" });
      expect(task.getName()).toBe("heartbeat");
      expect([...tg.tasks].map((each) => each.getName())).toEqual(["heartbeat"]);
    });
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_task_context: a task of a group runs in the context that it is given, and what it sets there stays", () =>
  eitherStart(async ({ log }) => {
    const tenant = new ContextVar<string>("tenant");
    const context = copyContext();
    const inContext = () => context.run(() => tenant.get(null));
    const serve = async (name: string) => {
      log.push(tenant.get(null));
      await sleep(0);
      tenant.set(name);
    };
    await taskGroup(async (tg) => {
      log.push(inContext());
      await tg.createTask(serve("ada"), { context });
      log.push(inContext());
      await tg.createTask(serve("bob"), { context });
      log.push(inContext());
    });
    expect(log).toEqual([null, null, "ada", "ada", "bob"]);
    expect(tenant.get(null)).toBe(null);
  }));
