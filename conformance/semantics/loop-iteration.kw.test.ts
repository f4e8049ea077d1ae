import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

test("an iteration runs what was ready first, then what the host has brought, then the timers that are due", () => {
  const host = new VirtualHost();
  return program(
    async ({ loop, log }) => {
      const note = (line: string): void => void log.push(line);
      // Two events of the host, which come before the loop's next turn.
      host.schedule(() => {
        loop.callLater(0, note, "a timer that is due");
        loop.callSoonThreadsafe(note, "ready before");
      });
      host.schedule(() => void loop.callSoonThreadsafe(note, "from the host"));
      await sleep(1);
      expect(log).toEqual(["ready before", "from the host", "a timer that is due"]);
    },
    { host },
  );
});

test("a timer that is due does not run when what was ready in its iteration cancels it", () =>
  program(async ({ loop, log }) => {
    const timer = loop.callLater(0, () => log.push("the timer"));
    loop.callSoon(() => (log.push("cancels it"), timer.cancel()));
    await giveWay(3);
    expect(log).toEqual(["cancels it"]);
  }));

test("timers of one deadline run in the order of the calls, where asyncio promises none", () =>
  program(async ({ loop, log }) => {
    const when = loop.time() + 5;
    for (let i = 0; i < 5; i++) loop.callAt(when, () => log.push(i));
    await sleep(10);
    expect(log).toEqual([0, 1, 2, 3, 4]);
  }));
