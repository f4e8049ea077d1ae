import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { allTasks, createTask, gather, newEventLoop, run, type RunOptions, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { Tally } from "../../src/collect/tally.ts";
import { ProgressBars } from "../../src/report/progress-bars.ts";
import { ProgressLines } from "../../src/report/progress-lines.ts";
import { progressView, withProgress, type ProgressView } from "../../src/report/progress.ts";

const EXPECTED = new Map([
  ["weather", 2_000],
  ["airports", 10],
]);

function halfway(): Tally {
  const tally = new Tally();
  tally.addRecords("weather", 1_000);
  tally.addTrouble("timeout");
  tally.running.enter();
  return tally;
}

/** A stream that remembers, and says that it is a terminal if it should. */
function stream(isTTY: boolean): NodeJS.WriteStream {
  return Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 20 }) as unknown as NodeJS.WriteStream;
}

function logging(log: string[]): ProgressView {
  return { interval: 5, update: () => void log.push("update"), stop: () => void log.push("stop") };
}

test("Where there is no terminal, an update is a line.", () => {
  const output = stream(false);
  const view = progressView(halfway(), EXPECTED, output);
  view.update();
  view.stop();
  expect(view).toBeInstanceOf(ProgressLines);
  expect(String(output.read())).toMatch(
    /^ +\d+ ms {2}1,000 of 2,010 records; 1 job running, 0 requests in flight, 1 retried\n$/,
  );
});

test("While there is a crawl, it says how many pages wait.", () => {
  const tally = halfway();
  tally.pagesWaiting = () => 1_250;
  const output = stream(false);
  progressView(tally, EXPECTED, output).update();
  expect(String(output.read())).toContain("; 1 job running, 1,250 pages waiting, 0 requests in flight, 1 retried\n");
});

test("On a terminal there is a bar for each source.", () => {
  const output = stream(true);
  const view = progressView(halfway(), EXPECTED, output);
  view.stop();
  const text = stripVTControlCharacters(String(output.read()));
  expect(view).toBeInstanceOf(ProgressBars);
  expect(text).toMatch(/weather {2}█{18}░{18} 1,000\/2,000/);
  expect(text).toMatch(/airports ░{36} 0\/10/);
  expect(text).toContain("1 job running, 0 requests in flight, 1 retried");
});

/** On a clock that jumps to the next timer. */
const VIRTUALLY: RunOptions = { loopFactory: () => newEventLoop({ host: new VirtualHost() }) };

test("The view is updated while the body runs, and stopped after it.", () =>
  run(async () => {
    const log: string[] = [];
    await withProgress(logging(log), () => sleep(30));
    await sleep(10);
    expect(log.filter((line) => line === "update").length).toBeGreaterThan(1);
    expect(log.indexOf("stop")).toBe(log.length - 1);
  }, VIRTUALLY));

test("The view is stopped when the body fails.", () =>
  run(async () => {
    const log: string[] = [];
    const failing = async () => {
      await sleep(1);
      throw new Error("the body failed");
    };
    const [outcome] = await gather([withProgress(logging(log), failing)], { returnExceptions: true });
    expect((outcome as AggregateError).errors[0]).toMatchObject({ message: "the body failed" });
    expect([log.at(-1), allTasks().size]).toEqual(["stop", 1]);
  }));

test("The view is stopped when all is cancelled.", () =>
  run(async () => {
    const log: string[] = [];
    const task = createTask(withProgress(logging(log), () => sleep("1m")));
    await sleep(10);
    task.cancel();
    await gather([task], { returnExceptions: true });
    expect([task.cancelled(), log.at(-1), allTasks().size]).toEqual([true, "stop", 1]);
  }));
