import { expect, test } from "vitest";
import { CancelledError, TimeoutError } from "tsyncio";
import type { Answer } from "../../src/collect/client.ts";
import { UnreadableError } from "../../src/collect/source.ts";
import { asTrouble, checkStatus, retryAfterOf, type Trouble } from "../../src/collect/trouble.ts";

function answer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, url: "http://x/", headers, body: Buffer.from(""), milliseconds: 1 };
}

function troubleOf(status: number, headers?: Record<string, string>): Trouble {
  try {
    checkStatus(answer(status, headers));
  } catch (error) {
    return error as Trouble;
  }
  throw new Error("no trouble");
}

test("A status of 2xx is no trouble.", () => {
  expect([200, 204, 299].map((status) => checkStatus(answer(status)))).toEqual([undefined, undefined, undefined]);
});

test("Statuses that pass are told from those that stay.", () => {
  const passing = [404, 403, 410, 301, 501, 429, 500, 502, 503, 504, 408].filter((status) => troubleOf(status).passing);
  expect(passing).toEqual([429, 500, 502, 503, 504, 408]);
});

test("A status has its name, also one that nobody knows.", () => {
  expect([troubleOf(404).kind, troubleOf(599).kind]).toEqual(["404 Not Found", "599 Unknown"]);
});

test("When to come again is taken from the answer.", () => {
  expect([troubleOf(429, { "retry-after": "2" }).retryAfter, troubleOf(429).retryAfter]).toEqual([2_000, undefined]);
});

test("Retry-After is a number of seconds, or a date.", () => {
  const now = Date.parse("2024-05-01T00:00:00Z");
  expect(retryAfterOf("Wed, 01 May 2024 00:00:07 GMT", now)).toBe(7_000);
  expect(retryAfterOf("Tue, 30 Apr 2024 23:00:00 GMT", now)).toBe(0);
  expect(retryAfterOf("soon", now)).toBeUndefined();
});

test.each([
  [new TimeoutError(), "timeout", true],
  [new UnreadableError("the page is not whole"), "the page is not whole", true],
  [Object.assign(new Error(), { code: "ECONNRESET" }), "connection reset", true],
  [Object.assign(new Error(), { code: "ENOTFOUND" }), "no such host", false],
])("%s is trouble.", (error, kind, passing) => {
  expect(asTrouble(error)).toMatchObject({ kind, passing });
});

test("What nobody has heard of is trouble that stays, under its own name.", () => {
  expect(asTrouble(new Error("the cat sat on it"))).toMatchObject({ kind: "the cat sat on it", passing: false });
});

test("A cancellation is none.", () => {
  const error = new CancelledError();
  expect(asTrouble(error)).toBe(error);
});

test("Who asks to be left alone for long is not waited for.", () => {
  const waits = ["60", "61"].map((seconds) => troubleOf(503, { "retry-after": seconds }).passing);
  expect(waits).toEqual([true, false]);
});
