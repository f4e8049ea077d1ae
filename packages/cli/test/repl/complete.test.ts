import { describe, expect, test } from "vitest";
import { complete } from "../../src/repl/complete.ts";
import { Scope } from "../../src/repl/scope.ts";

const scope = new Scope({
  sleep() {},
  Event: class {},
  queue: {
    qsize: 0,
    get full(): never {
      throw new Error("ran");
    },
  },
});

describe("completion", () => {
  test("gives names of the runtime, of JavaScript, and keywords", () => {
    expect(complete("await slee", scope)).toEqual([["sleep"], "slee"]);
    expect(complete("x = structuredCl", scope)).toEqual([["structuredClone"], "structuredCl"]);
    expect(complete("awa", scope)).toEqual([["await"], "awa"]);
  });

  test("gives the properties of a chain of names, inherited ones too", () => {
    expect(complete("asyncio.sl", scope)).toEqual([["asyncio.sleep"], "asyncio.sl"]);
    expect(complete("asyncio.queue.qs", scope)).toEqual([["asyncio.queue.qsize"], "asyncio.queue.qs"]);
    expect(complete("queue.hasOwn", scope)).toEqual([[], "queue.hasOwn"]);
    expect(complete("sleep.na", scope)).toEqual([["sleep.name"], "sleep.na"]);
  });

  test("runs no getters", () => {
    expect(complete("queue.full.x", scope)).toEqual([[], "queue.full.x"]);
  });

  test("gives nothing for nothing", () => {
    expect(complete("", scope)).toEqual([[], ""]);
    expect(complete("nowhere.x", scope)).toEqual([[], "nowhere.x"]);
  });
});
