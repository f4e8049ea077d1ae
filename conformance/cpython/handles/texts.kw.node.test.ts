import { type Handle, sleep } from "tsyncio";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

function noop(..._args: unknown[]): void {}

const MADE_AT = "made at .*texts\\.kw\\.node\\.test\\.ts:\\d+:\\d+";

/** Its texts before and after it is cancelled, and once more. */
function textsOf(handle: Handle): string[] {
  const texts = [String(handle)];
  for (let i = 0; i < 2; i++) {
    handle.cancel();
    texts.push(String(handle));
  }
  expect(inspect(handle)).toBe(texts[2]);
  return texts;
}

test("test_events.py::HandleTests.test_handle_repr: the text of a handle names what it calls, or says that it is cancelled", () =>
  program(async ({ loop, log }) => {
    const spoken = loop.callSoon(noop, 1, 2);
    log.push(String(spoken), inspect(spoken));
    log.push(...textsOf(loop.callSoon(noop)));
    log.push(String(loop.callSoon(noop.bind(null, 1), 2)), String(loop.callSoon(() => {})));
    expect(log).toEqual([
      "<Handle noop()>",
      "<Handle noop()>",
      "<Handle noop()>",
      "<Handle cancelled>",
      "<Handle cancelled>",
      "<Handle bound noop()>",
      "<Handle an anonymous callback>",
    ]);
    await sleep(0);
  }));

test("test_events.py::HandleTests.test_handle_repr_debug: in debug mode the text of a handle says with what it calls and where it was made, and still does when it is cancelled", () =>
  program(
    async ({ loop }) => {
      const [before, cancelled, twice] = textsOf(loop.callSoon(noop, 1, "two", { three: 3 }));
      const call = 'noop\\(1, "two", \\[object Object\\]\\)';
      expect(before).toMatch(new RegExp(`^<Handle ${call} ${MADE_AT}>$`));
      expect(cancelled).toMatch(new RegExp(`^<Handle cancelled ${call} ${MADE_AT}>$`));
      expect(twice).toBe(cancelled);
      const bound = loop.callSoon(noop.bind(null, 1), 2);
      expect(String(bound)).toMatch(new RegExp(`^<Handle bound noop\\(2\\) ${MADE_AT}>$`));
      await sleep(0);
    },
    { debug: true },
  ));

test("test_events.py::TimerTests.test_timer_repr: the text of a timer has its deadline too", () =>
  program(async ({ loop }) => {
    expect(textsOf(loop.callAt(123, noop))).toEqual([
      "<TimerHandle when=123 noop()>",
      "<TimerHandle cancelled when=123>",
      "<TimerHandle cancelled when=123>",
    ]);
  }));

test("test_events.py::TimerTests.test_timer_repr_debug: in debug mode the text of a timer says with what it calls and where it was made, and still does when it is cancelled", () =>
  program(
    async ({ loop }) => {
      const [before, cancelled, twice] = textsOf(loop.callAt(123, noop, 4));
      expect(before).toMatch(new RegExp(`^<TimerHandle when=123 noop\\(4\\) ${MADE_AT}>$`));
      expect(cancelled).toMatch(new RegExp(`^<TimerHandle cancelled when=123 noop\\(4\\) ${MADE_AT}>$`));
      expect(twice).toBe(cancelled);
    },
    { debug: true },
  ));
