import { expect, test } from "vitest";
import { urlPattern } from "../../src/url/url-pattern.ts";

test.each([
  ["http://a.example/calendar/2026/11", "http://a.example/calendar/#/#"],
  ["http://a.example/p/my-holiday-2024", "http://a.example/p/my-holiday-#"],
  ["http://a.example/s/4f2a9c81d0e3/x", "http://a.example/s/*/x"],
  ["http://a.example/u/550e8400-e29b-41d4-a716-446655440000", "http://a.example/u/*"],
  ["http://a.example/list?page=2&sort=up", "http://a.example/list?page&sort"],
  ["http://a.example/list?sort=up&page=9", "http://a.example/list?page&sort"],
  ["http://a.example/about/our-team", "http://a.example/about/our-team"],
  ["http://a.example:8080/", "http://a.example:8080/"],
])("%s follows the pattern %s", (url, pattern) => expect(urlPattern(url)).toBe(pattern));
