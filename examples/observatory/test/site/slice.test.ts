import { expect, test } from "vitest";
import { slice } from "../../src/site/slice.ts";

test("The last page holds what is left.", () => {
  expect(slice(["a", "b", "c", "d", "e"], 3, 2)).toEqual({ items: ["e"], page: 3, pages: 3, total: 5 });
});

test("An empty list has one empty page.", () => {
  expect(slice([], 1, 2)).toEqual({ items: [], page: 1, pages: 1, total: 0 });
});

test.each([0, 4, -1, 1.5, NaN])("There is no page %d.", (page) => {
  expect(slice(["a", "b", "c", "d", "e"], page, 2)).toBeUndefined();
});
