import { CancelledError, ExceptionGroup, sleep, staggeredRace } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf, program } from "../../program.ts";

async function result(index: number): Promise<string> {
  return `result ${index}`;
}

async function failure(index: number): Promise<string> {
  throw new RangeError(`failure ${index}`);
}

test("test_staggered.py::StaggeredTests.test_empty: a race without starts is refused, whatever the delay", () =>
  program(async () => {
    for (const delay of [null, 10])
      expect(await errorOf(staggeredRace([], { delay }))).toEqual(new RangeError("Cannot race: there are no starts"));
  }));

test("test_staggered.py::StaggeredTests.test_one_successful: the first start wins when it succeeds, and no second one is made", () =>
  program(async ({ log }) => {
    const starts = [0, 1].map((index) => () => {
      log.push(index);
      return result(index);
    });
    const won = await staggeredRace(starts, { delay: null });
    expect(won).toEqual({ value: "result 0", index: 0, errors: [null] });
    expect(log).toEqual([0]);
  }));

test("test_staggered.py::StaggeredTests.test_first_error_second_successful: the second start is made when the first has failed, and what that threw is told with the result", () =>
  program(async () => {
    const won = await staggeredRace([() => failure(0), () => result(1)], { delay: null });
    expect(won).toEqual({ value: "result 1", index: 1, errors: [new RangeError("failure 0"), null] });
  }));

test("test_staggered.py::StaggeredTests.test_first_timeout_second_successful: the second start is made when the delay is over, and when it wins the first is cancelled and has ended", () =>
  program(async ({ loop, log }) => {
    const slow = async () => {
      try {
        await sleep(10_000);
      } finally {
        await sleep(1);
        log.push("slow ended");
      }
      return "too late";
    };
    const begun = loop.time();
    const { value, index, errors } = await staggeredRace([slow, () => result(1)], { delay: 100 });
    expect([value, index]).toEqual(["result 1", 1]);
    expect(errors).toEqual([expect.any(CancelledError), null]);
    expect([...log, loop.time() - begun]).toEqual(["slow ended", 101]);
  }));

test("test_staggered.py::StaggeredTests.test_none_successful: when no start succeeds all errors are thrown, in the order of the starts", () =>
  program(async () => {
    const error = await errorOf(staggeredRace([() => failure(0), () => failure(1)], { delay: null }));
    expect(error).toBeInstanceOf(ExceptionGroup);
    const { message, errors } = error as ExceptionGroup;
    expect(message).toBe("no start of staggeredRace succeeded (2 sub-exceptions)");
    expect(errors).toEqual([new RangeError("failure 0"), new RangeError("failure 1")]);
  }));
