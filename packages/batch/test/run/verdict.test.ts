import {
  HttpConnectError,
  HttpConnectionError,
  HttpHeaders,
  HttpProtocolError,
  HttpStatusError,
  HttpTimeoutError,
} from "@tsyncio/http";
import { CancelledError } from "tsyncio";
import { describe, expect, test } from "vitest";
import { AnswerError } from "../../src/presets/answer-error.ts";
import type { BatchPreset } from "../../src/presets/batch-preset.ts";
import { failureOf, verdictOn } from "../../src/run/verdict.ts";

const about = { method: "GET", url: "http://a/" };
const status = (code: number, headers = {}) =>
  new HttpStatusError(`status ${code}`, { ...about, status: code, headers: new HttpHeaders(headers) });

function verdict(error: unknown, judge?: BatchPreset["judge"], statuses: number[] | null = null) {
  return verdictOn(failureOf(error)!, judge, statuses === null ? null : new Set(statuses));
}

describe("what becomes of a request", () => {
  test.each([
    [429, {}, "limited"],
    [529, {}, "limited"],
    [503, { "retry-after": "1" }, "limited"],
    [503, {}, "retry"],
    [408, {}, "retry"],
    [500, {}, "retry"],
    [502, {}, "retry"],
    [504, {}, "retry"],
    [400, {}, "failed"],
    [401, {}, "failed"],
    [404, {}, "failed"],
    [501, {}, "failed"],
  ])("that is answered by %i %o: %s", (code, headers, expected) => {
    expect(verdict(status(code, headers))).toBe(expected);
  });

  test.each([
    ["is refused a connection", new HttpConnectError("refused", about), "unreachable"],
    ["loses its connection", new HttpConnectionError("reset", about), "retry"],
    ["takes too long in all", new HttpTimeoutError("90s", { ...about, phase: "total" }), "retry"],
    ["is not answered in HTTP", new HttpProtocolError("no", about), "failed"],
    ["gets half an answer", new AnswerError("broke off", null, null), "retry"],
    ["is answered by an error in the stream", new AnswerError("overloaded", 529, "{}"), "limited"],
    ["is answered by a fault of it in the stream", new AnswerError("wrong", 400, "{}"), "failed"],
    ["cannot be read", new SyntaxError("no JSON"), "retry"],
  ])("that %s", (_, error, expected) => {
    expect(verdict(error)).toBe(expected);
  });

  test("is as the preset says, then as the caller says", () => {
    expect(verdict(status(404), () => "retry")).toBe("retry");
    expect(verdict(status(404), () => null, [404])).toBe("retry");
    expect(verdict(status(500), undefined, [404])).toBe("failed");
  });
});

test("a cancellation and a wrong argument are no failures of a request", () => {
  for (const error of [new CancelledError(), new TypeError("no URL"), new RangeError("no"), "text"])
    expect(failureOf(error)).toBeNull();
});
