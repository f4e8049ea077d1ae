import {
  CancelledError,
  type Coroutine,
  captureCallGraph,
  createTask,
  ensureFuture,
  gather,
  newEventLoop,
  shield,
  sleep,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { program } from "../../program.ts";
import { expectNoLoop } from "./no-loop.ts";
import { settled } from "./settled.ts";

async function answer() {
  await sleep(0);
  return 42;
}

test("test_tasks.py::BaseTaskTests.test_shield_result: shield() gives the result of what it shields", () =>
  program(async ({ loop }) => {
    const inner = loop.createFuture<number>();
    const outer = shield(inner);
    inner.setResult(42);
    expect(await outer).toBe(42);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_exception: shield() passes on the very error of what it shields", () =>
  program(async ({ loop }) => {
    const inner = loop.createFuture<number>();
    const outer = shield(inner);
    await settled();
    const error = new Error("expected");
    inner.setException(error);
    await settled();
    expect(outer.exception()).toBe(error);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_cancel_inner: a cancellation of what is shielded comes through", () =>
  program(async ({ loop }) => {
    const inner = loop.createFuture<number>();
    const outer = shield(inner);
    await settled();
    inner.cancel();
    await settled();
    expect(outer.cancelled()).toBe(true);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_cancel_outer: a shield that was cancelled lets go of what it shielded", () =>
  program(async ({ loop }) => {
    const inner = loop.createFuture<number>();
    const outer = shield(inner);
    const awaitedBy = () => captureCallGraph(inner)!.awaitedBy;
    await settled();
    expect(awaitedBy().length).toBe(1);
    expect(awaitedBy()[0].future).toBe(outer);
    expect(outer.cancel()).toBe(true);
    await settled();
    expect(outer.cancelled()).toBe(true);
    expect([awaitedBy().length, inner.done()]).toEqual([0, false]);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_shortcut: shield() gives a future that is done back as it is", () =>
  program(async ({ loop }) => {
    const future = loop.createFuture<number>();
    future.setResult(42);
    expect(shield(future)).toBe(future);
    expect(await shield(future)).toBe(42);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_effect: cancelling who waits for a shield ends the wait, and what is shielded runs on to its end", () =>
  program(async ({ loop, log }) => {
    const gate = loop.createFuture<void>();
    const inner = async () => {
      await gate;
      log.push("inner ended");
    };
    const outer = async () => {
      await shield(inner());
      log.push("outer went on");
    };
    const task = createTask(outer());
    await settled();
    task.cancel();
    await wait([task]);
    expect(() => task.result()).toThrow(CancelledError);
    expect(log).toEqual([]);
    gate.setResult();
    await settled();
    expect(log).toEqual(["inner ended"]);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_gather: a gather that is shielded goes on when the shield is cancelled", () =>
  program(async ({ loop }) => {
    const [first, second] = [loop.createFuture<number>(), loop.createFuture<number>()];
    const both = gather(first, second);
    const outer = shield(both);
    await settled();
    outer.cancel();
    await settled();
    expect([outer.cancelled(), both.done()]).toEqual([true, false]);
    first.setResult(1);
    second.setResult(2);
    await settled();
    expect(both.result()).toEqual([1, 2]);
  }));

test("test_tasks.py::BaseTaskTests.test_gather_shield: cancelling a gather of shields cancels the shields, and nothing behind them", () =>
  program(async ({ loop }) => {
    const [first, second] = [loop.createFuture<number>(), loop.createFuture<number>()];
    const shields = [shield(first), shield(second)];
    const both = gather(...shields);
    await settled();
    both.cancel();
    await settled();
    expect(both.exception()).toBeInstanceOf(CancelledError);
    expect(shields.map((each) => each.cancelled())).toEqual([true, true]);
    first.setResult(1);
    second.setResult(2);
    await settled();
    expect([first.result(), second.result()]).toEqual([1, 2]);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_coroutine_without_loop: shield() of a coroutine is refused where no loop is running, and does not start it", () => {
  const inner = answer() as Coroutine<number>;
  expectNoLoop(() => shield(inner));
  expect(inner.state).toBe("created");
  inner.close();
});

test("test_tasks.py::BaseTaskTests.test_shield_coroutine_use_running_loop: shield() schedules a coroutine on the running loop", () =>
  program(async ({ loop }) => {
    const outer = shield(answer());
    expect(outer.getLoop()).toBe(loop);
    expect(await outer).toBe(42);
  }));

test("test_tasks.py::BaseTaskTests.test_shield_coroutine_use_global_loop: outside of a running loop shield() is on the loop of the task that it shields", async () => {
  "native async";
  const loop = newEventLoop({ host: new VirtualHost() });
  const outer = shield(ensureFuture(answer(), { loop }));
  expect([outer.getLoop() === loop, outer.done()]).toEqual([true, false]);
  expect(await loop.runUntilComplete(outer)).toBe(42);
  loop.close();
});
