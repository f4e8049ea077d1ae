import { expect, test } from "vitest";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

test("a handle that has run may be cancelled, and says so from then on", () =>
  program(async ({ loop, log }) => {
    const handle = loop.callSoon(() => log.push("ran"));
    await giveWay(1);
    expect([log, handle.cancelled()]).toEqual([["ran"], false]);
    handle.cancel();
    expect(handle.cancelled()).toBe(true);
    await giveWay(2);
    expect(log).toEqual(["ran"]);
  }));
