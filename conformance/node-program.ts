import type { Awaitable } from "tsyncio";
import { expect } from "vitest";
import { type Given, type ProgramOptions, program } from "./program.ts";

/**
 * As `program`, in real time and with the sockets, processes and threads of Node. When it has ended, none of them may be left
 * that was not there before.
 */
export async function nodeProgram<T>(
  main: (given: Given) => Awaitable<T>,
  options: Omit<ProgramOptions, "host"> = {},
): Promise<T> {
  const before = resources();
  const result = await program(main, { ...options, host: "platform" });
  // They are let go of at the end of a turn of the host, children when they are reaped.
  let more = beyond(before);
  for (let round = 0; round < 100 && more.length > 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    more = beyond(before);
  }
  expect(more, "sockets, processes and the like that are left when the program had ended").toEqual([]);
  return result;
}

/** What comes and goes with the test runner, or by itself. */
const NOT_OURS = new Set(["Immediate", "Timeout", "TickObject", "FSReqCallback", "FSReqPromise", "CloseReq"]);

function resources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => !NOT_OURS.has(kind));
}

function beyond(before: readonly string[]): string[] {
  const left = [...before];
  return resources().filter((kind) => {
    const known = left.indexOf(kind);
    if (known >= 0) left.splice(known, 1);
    return known < 0;
  });
}
