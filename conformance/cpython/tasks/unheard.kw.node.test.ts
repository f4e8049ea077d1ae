import {
  type Coroutine,
  Future,
  RuntimeError,
  type Task,
  allTasks,
  createTask,
  currentTask,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test, vi } from "vitest";
import { collectGarbage } from "../../../test/collect-garbage.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { program, takeHeard } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

const failing = async (message: string) => {
  throw new TypeError(message);
};

test("test_tasks.py::BaseTaskTests.test_log_destroyed_pending_task: a pending task that nobody else holds is held by its loop until it is done, and no longer", async () => {
  const log: unknown[] = [];
  const references: WeakRef<Task>[] = [];
  const waiting = async () => {
    try {
      // Nobody but the task holds the future, and nobody but the future the task.
      await new Future<void>();
    } finally {
      log.push("cleaned up");
    }
  };
  const begin = (): void => void references.push(new WeakRef(createTask(waiting(), { name: "T" })));
  await program(
    async () => {
      begin();
      await sleep(0);
      await collectGarbage(() => false);
      expect([...allTasks()].map((task) => task.getName())).toEqual([currentTask()!.getName(), "T"]);
      for (const task of allTasks()) if (task !== currentTask()) task.cancel();
      await sleep(0);
      expect([log, allTasks().size]).toEqual([["cleaned up"], 1]);
    },
    { debug: true },
  );
  await collectGarbage(() => references[0].deref() === undefined);
  expect(references.map((reference) => reference.deref() === undefined)).toEqual([true]);
});

test("test_tasks.py::BaseTaskTests.test_tb_logger_not_called_after_cancel: the error of a task that was cancelled after it had failed is not reported", () =>
  program(async (given) => {
    const failAndForget = (message: string, cancelled: boolean): void => {
      const task = createTask(failing(message));
      given.loop.callLater(50, () => {
        if (cancelled) given.log.push(task.cancel());
      });
    };
    failAndForget("cancelled", true);
    failAndForget("forgotten", false);
    await sleep(100);
    await collectGarbage(() => given.heard.length > 0);
    await collectGarbage(() => false);
    expect(given.log).toEqual([false]);
    expect(takeHeard(given)).toEqual(["Task exception was never retrieved: TypeError: forgotten"]);
  }));

test("test_tasks.py::BaseTaskTests.test_log_traceback: the report of a task's error can only be switched off, by whoever reads the error; what is no error is never reported", () =>
  program(
    async ({ log }) => {
      const read = createTask(failing("read"));
      const unread = createTask(failing("unread"));
      const fine = createTask(sleep(0, "fine"));
      await sleep(1);
      log.push(read.exception().message);
      await thrownBy(read);
      expect(() => read.setException(new TypeError("again"))).toThrow(RuntimeError);
      log.push([read, unread, fine]);
    },
    {
      afterwards(given) {
        expect(given.log[0]).toBe("read");
        expect(takeHeard(given)).toEqual(["Task exception was never retrieved: TypeError: unread"]);
      },
    },
  ));

test("test_tasks.py::BaseTaskTests.test_error_in_call_soon: what cannot be scheduled makes no task: the caller gets the error, the loop knows of nothing, and the coroutine can be closed", () =>
  program(async (given) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    try {
      const closed = newEventLoop({ host: new VirtualHost() });
      closed.close();
      given.loop.setTaskFactory(() => {
        throw new RangeError("no more tasks");
      });
      for (const [loop, error] of [
        [closed, new RuntimeError("Cannot use the event loop: it is closed")],
        [given.loop, new RangeError("no more tasks")],
      ] as const) {
        const before = allTasks(loop).size;
        const co = failing("never") as unknown as Coroutine<never>;
        expect(() => loop.createTask(co)).toThrow(error);
        expect([allTasks(loop).size, co.state]).toEqual([before, "created"]);
        co.close();
        expect(co.state).toBe("closed");
      }
      given.loop.setTaskFactory(null);
      await collectGarbage(() => false);
      expect([warned.mock.calls, given.heard]).toEqual([[], []]);
    } finally {
      warned.mockRestore();
    }
  }));
