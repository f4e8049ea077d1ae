import { HttpHeaders, retryAfter } from "@tsyncio/http";
import { expect, test } from "vitest";

const NOON = Date.UTC(2030, 0, 2, 12, 0, 0);

test.each<[headers: Record<string, string>, ms: number | null]>([
  [{}, null],
  [{ "Retry-After": "0" }, 0],
  [{ "Retry-After": "120" }, 120_000],
  [{ "Retry-After": " 1.5 " }, 1_500],
  [{ "Retry-After": "Wed, 02 Jan 2030 12:00:30 GMT" }, 30_000],
  [{ "Retry-After": "Wednesday, 02-Jan-30 12:00:30 GMT" }, 30_000],
  [{ "Retry-After": "Wed Jan  2 12:00:30 2030" }, 30_000],
  [{ "Retry-After": "Wed, 02 Jan 2030 11:00:00 GMT" }, 0],
  [{ "Retry-After-Ms": "250", "Retry-After": "1" }, 250],
  [{ "Retry-After": "-5" }, null],
  [{ "Retry-After": "soon" }, null],
  [{ "Retry-After": "" }, null],
  [{ "Retry-After": "1e9" }, null],
])("%o asks for %s ms", (headers, ms) => {
  expect(retryAfter(new HttpHeaders(headers), NOON)).toBe(ms);
});

test("a date is compared with the clock of the server when it tells it", () => {
  const headers = new HttpHeaders({
    Date: "Wed, 02 Jan 2030 15:00:00 GMT",
    "Retry-After": "Wed, 02 Jan 2030 15:00:07 GMT",
  });
  expect(retryAfter(headers, NOON)).toBe(7_000);
});
