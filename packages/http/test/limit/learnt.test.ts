import { HttpHeaders } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { learntQuotas } from "../../src/limit/learnt.ts";
import { resetTime } from "../../src/limit/reset-time.ts";

const NOON = Date.UTC(2030, 0, 2, 12, 0, 0);
const quotas = (headers: Record<string, string>) => learntQuotas(new HttpHeaders(headers), NOON);

describe("resetTime", () => {
  test.each<[text: string, ms: number | null]>([
    ["0", 0],
    ["30", 30_000],
    ["1.5", 1_500],
    ["120ms", 120],
    ["1s", 1_000],
    ["12.5s", 12_500],
    ["6m0s", 360_000],
    ["2m59.56s", 179_560],
    ["1h2m3s", 3_723_000],
    ["1d", 86_400_000],
    ["1s500ms", 1_500],
    [String(NOON / 1_000 + 50), 50_000],
    [String(NOON + 50), 50],
    [String(NOON / 1_000 - 50), 0],
    ["2030-01-02T12:01:00Z", 60_000],
    ["2030-01-02T13:01:00+01:00", 60_000],
    ["Wed, 02 Jan 2030 12:00:30 GMT", 30_000],
    ["Wed Jan 02 2030 13:00:30 GMT+0100 (Central European Standard Time)", 30_000],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["6m 0s", null],
  ])('reads "%s" as %s ms', (text, ms) => {
    const read = resetTime(text, () => NOON);
    expect(read === null ? null : Math.round(read)).toBe(ms);
  });
});

describe("learntQuotas", () => {
  const none = { limit: null, per: null, remaining: null, resetsIn: null };
  const requests = { ...none, dimension: "requests", refills: "at once" };

  test.each<[what: string, headers: Record<string, string>, quotas: object[]]>([
    ["nothing", { "Content-Type": "text/html" }, []],
    [
      "the IETF's draft 10",
      {
        "RateLimit-Policy": '"burst";q=100;w=60,"daily";q=1000;w=86400;pk=:cHsdsRa894==:',
        RateLimit: '"burst";r=50;t=30, "daily";r=800',
      },
      [
        { ...requests, name: "policy burst", limit: 100, per: 60_000, remaining: 50, resetsIn: 30_000 },
        { ...requests, name: "policy daily", limit: 1_000, per: 86_400_000, remaining: 800 },
      ],
    ],
    [
      "a policy alone, of what is not requests",
      { "RateLimit-Policy": '"uploads";qu="content-bytes";q=65535;w=10' },
      [{ ...requests, name: "policy uploads", dimension: "content-bytes", limit: 65_535, per: 10_000 }],
    ],
    ["how many at once, which is no rate", { "RateLimit-Policy": '"c";qu="concurrent-requests";q=5' }, []],
    [
      "a name with all that a string may hold, as express-rate-limit and others write it",
      { "RateLimit-Policy": '"100, in; 1=\\"min\\""; q=100; w=60', RateLimit: '"100, in; 1=\\"min\\""; r=98; t=59' },
      [{ ...requests, name: 'policy 100, in; 1="min"', limit: 100, per: 60_000, remaining: 98, resetsIn: 59_000 }],
    ],
    [
      "the IETF's draft 7",
      { "RateLimit-Policy": "10;w=1, 50;w=60", RateLimit: "limit=50, remaining=4, reset=12" },
      [{ ...requests, name: "policy default", limit: 50, per: 60_000, remaining: 4, resetsIn: 12_000 }],
    ],
    [
      "the IETF's draft 6",
      {
        "RateLimit-Limit": "100, 100;w=60",
        "RateLimit-Remaining": "7",
        "RateLimit-Reset": "3",
        "RateLimit-Policy": "100;w=60",
      },
      [
        { ...requests, name: "policy default", limit: 100, per: 60_000 },
        { ...requests, name: "ratelimit-remaining", limit: 100, remaining: 7, resetsIn: 3_000 },
      ],
    ],
    [
      "GitHub, by its own clock",
      {
        Date: "Wed, 02 Jan 2030 15:00:00 GMT",
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4987",
        "X-RateLimit-Reset": String(NOON / 1_000 + 3 * 3_600 + 90),
      },
      [{ ...requests, name: "x-ratelimit-remaining", limit: 5_000, remaining: 4_987, resetsIn: 90_000 }],
    ],
    [
      "OpenAI",
      {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-reset-tokens": "6m0s",
      },
      [
        {
          name: "x-ratelimit-remaining-requests",
          dimension: "requests",
          limit: 60,
          per: null,
          remaining: 59,
          resetsIn: 1_000,
          refills: "gradually",
        },
        {
          name: "x-ratelimit-remaining-tokens",
          dimension: "tokens",
          limit: 150_000,
          per: null,
          remaining: 149_984,
          resetsIn: 360_000,
          refills: "gradually",
        },
      ],
    ],
    [
      "Anthropic",
      {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2030-01-02T12:00:01Z",
        "anthropic-ratelimit-input-tokens-limit": "50000",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2030-01-02T12:01:00Z",
      },
      [
        {
          name: "anthropic-ratelimit-requests-remaining",
          dimension: "requests",
          limit: 50,
          per: null,
          remaining: 49,
          resetsIn: 1_000,
          refills: "gradually",
        },
        {
          name: "anthropic-ratelimit-input-tokens-remaining",
          dimension: "inputTokens",
          limit: 50_000,
          per: null,
          remaining: 0,
          resetsIn: 60_000,
          refills: "gradually",
        },
      ],
    ],
    [
      "what is no number, as if it were not there",
      { "X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "soon" },
      [{ ...requests, name: "x-ratelimit-remaining", remaining: 3 }],
    ],
    [
      "fields that cannot be read",
      { RateLimit: '"open;r=', "RateLimit-Policy": ";;,==", "X-RateLimit-Remaining": "-1" },
      [],
    ],
  ])("reads %s", (_what, headers, expected) => {
    expect(quotas(headers)).toEqual(expected);
  });
});
