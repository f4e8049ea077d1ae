import { expect, test } from "vitest";
import { TokenBucket } from "../../src/site/token-bucket.ts";

test("A full bucket lets a burst through, then says when to come again.", () => {
  const bucket = new TokenBucket({ rate: 10, burst: 2 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 1]);
});

test("Tokens come back at the rate, up to the burst.", () => {
  const bucket = new TokenBucket({ rate: 10, burst: 2 }, 0);
  bucket.take(0);
  bucket.take(0);
  expect(bucket.take(50)).toBe(1);
  expect(bucket.take(100)).toBe(0);
  expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([0, 0, 1]);
});

test("A slow bucket asks for as many whole seconds as it needs.", () => {
  const bucket = new TokenBucket({ rate: 0.2, burst: 1 }, 0);
  bucket.take(0);
  expect(bucket.take(0)).toBe(5);
});
