import { closeSync } from "node:fs";
import { expect, test } from "vitest";
import {
  beginInFile,
  beginInMemory,
  isBefore,
  openProgressFile,
  progressInFile,
  progressInMemory,
  sharedProgress,
} from "../../src/executor/progress.ts";

test("places are counted beyond 32 bits", () => {
  const last = 2 ** 31 - 1;
  const next = (last + 1) | 0;
  expect([isBefore(1, 2), isBefore(2, 1), isBefore(3, 3)]).toEqual([true, false, false]);
  expect([isBefore(last, next), isBefore(next, last), isBefore(-1, 0)]).toEqual([true, false, true]);
});

const shared = sharedProgress();
const file = openProgressFile();
test.each([
  ["memory", progressInMemory(shared), beginInMemory(shared)],
  ["a file", progressInFile(file), beginInFile(file)],
])("what has begun in %s is known, and what is recalled does not begin", (_, progress, begin) => {
  expect(progress.begun()).toBe(0);
  expect([begin(0), begin(1), progress.begun()]).toEqual([true, true, 2]);
  progress.recall(4);
  expect(progress.begun()).toBe(2);
  expect([begin(2), begin(3), begin(4)]).toEqual([false, false, true]);
  expect(progress.begun()).toBe(5);
  progress.close();
});

test("closing the pool's side of a file closes it", () => {
  const fd = openProgressFile();
  progressInFile(fd).close();
  expect(() => closeSync(fd)).toThrow("EBADF");
});
