import { ContextVar, Runner, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

test("whatever is scheduled sees the variables of the time at which it was scheduled, and what it sets stays its own", () =>
  program(async ({ loop, log }) => {
    const variable = new ContextVar<string>("variable");
    variable.set("then");
    const callback = (name: string): void => {
      log.push(`${name} sees ${variable.get()}`);
      variable.set(name);
    };
    const future = loop.createFuture<void>();
    loop.callSoon(callback, "callSoon");
    loop.callLater(0, callback, "callLater");
    loop.callAt(loop.time(), callback, "callAt");
    loop.callSoonThreadsafe(callback, "callSoonThreadsafe");
    future.addDoneCallback(() => callback("addDoneCallback"));
    variable.set("now");
    future.setResult();
    await giveWay(3);
    expect(log).toEqual([
      "callSoon sees then",
      "callSoonThreadsafe sees then",
      "addDoneCallback sees then",
      "callLater sees then",
      "callAt sees then",
    ]);
    expect(variable.get()).toBe("now");
  }));

test("a Runner copies the variables around it once, when its loop is made: what is set around it later its mains do not see", () =>
  program(async ({ log }) => {
    const variable = new ContextVar<string>("variable");
    const runner = new Runner({ loopFactory: () => newEventLoop({ host: new VirtualHost() }) });
    const main = async (): Promise<void> => {
      await sleep(0);
      log.push(variable.get());
    };
    variable.set("before its loop");
    runner.getLoop();
    variable.set("after that");
    await runner.run(main());
    await runner.run(main());
    await runner.close();
    expect(log).toEqual(["before its loop", "before its loop"]);
  }));
