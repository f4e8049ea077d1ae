import { CancelledError, KeyboardInterrupt, Runner, createTask, currentTask, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { errorOf } from "../../program.ts";
import { InterruptibleHost } from "./interruptible-host.ts";

function expectInterrupt(error: unknown): void {
  expect(error).toBeInstanceOf(KeyboardInterrupt);
  const { message, signal, cause } = error as KeyboardInterrupt;
  expect([message, signal]).toEqual(["The program was interrupted by SIGINT", "SIGINT"]);
  expect(cause).toBeInstanceOf(CancelledError);
}

test("test_runners.py::RunnerTests.test_interrupt_call_soon: an interrupt reaches a main that never waits for anything, only gives way; what it throws then as CancelledError is a KeyboardInterrupt", async () => {
  const host = new InterruptibleHost();
  await using runner = new Runner({ loopFactory: host.loopFactory });
  const log: string[] = [];
  const main = async () => {
    try {
      for (let n = 0; n < 1000; n++) {
        if (n === 10) runner.getLoop().callSoon(() => host.interrupt());
        await sleep(0);
      }
      log.push("not reached");
    } catch (error) {
      log.push((error as Error).name);
    }
    throw new CancelledError();
  };
  expectInterrupt(await errorOf(runner.run(main())));
  expect(log).toEqual(["CancelledError"]);
  expect(host.listening).toBe(0);
});

test("test_runners.py::RunnerTests.test_interrupt_wait: an interrupt cancels main and the future that it waits for", async () => {
  const host = new InterruptibleHost();
  await using runner = new Runner({ loopFactory: host.loopFactory });
  const loop = runner.getLoop();
  const future = loop.createFuture<void>();
  loop.callLater(100, () => host.interrupt());
  const log: string[] = [];
  const main = async () => {
    try {
      await future;
    } catch (error) {
      log.push((error as Error).name);
    }
    throw new CancelledError();
  };
  expectInterrupt(await errorOf(runner.run(main())));
  expect(log).toEqual(["CancelledError"]);
  expect(future.cancelled()).toBe(true);
});

test("test_runners.py::RunnerTests.test_interrupt_cancelled_task: an interrupt of a main that was cancelled already leaves that a CancelledError", async () => {
  const host = new InterruptibleHost();
  await using runner = new Runner({ loopFactory: host.loopFactory });
  const main = async () => {
    const task = currentTask()!;
    const cancelling = async () => {
      await sleep(0);
      task.cancel();
      host.interrupt();
    };
    createTask(cancelling());
    await sleep(10_000);
  };
  const error = await errorOf(runner.run(main()));
  expect(error).toBeInstanceOf(CancelledError);
  expect(host.time).toBe(0);
});

test("test_runners.py::RunnerTests.test_signal_install_not_supported_ok: where a host cannot listen to signals, a runner runs all the same", async () => {
  const host = new VirtualHost();
  expect("onInterrupt" in host).toBe(false);
  await using runner = new Runner({ loopFactory: () => newEventLoop({ host }) });
  expect(await runner.run(sleep(1, "slept"))).toBe("slept");
});
