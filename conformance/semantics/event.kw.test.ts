import { Event, createTask } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

test("set() of an event that is set changes nothing, nor does clear() of one that is not", () =>
  program(async ({ log }) => {
    const event = new Event();
    const waiter = createTask(event.wait());
    await giveWay(1);
    event.set();
    event.set();
    log.push(event.isSet(), await waiter);
    event.clear();
    event.clear();
    log.push(event.isSet());
    const late = createTask(event.wait());
    await giveWay(3);
    log.push(late.done());
    event.set();
    log.push(await late);
    expect(log).toEqual([true, true, false, false, true]);
  }));
