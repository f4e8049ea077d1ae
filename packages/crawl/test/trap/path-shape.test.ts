import { expect, test } from "vitest";
import { pathFault } from "../../src/trap/path-shape.ts";

const fault = (path: string) => pathFault(new URL(path, "http://a.example"));

test.each(["/a/a/a/a", "/x/a/b/a/b/a/b", "/a/b/c/a/b/c/a/b/c/"])("%s repeats itself", (path) =>
  expect(fault(path)).toBe("repeated path segments"),
);
test.each(["/", "/a/b/c/d", "/a/a/b", "/2024/1/1/1/1", "/a/b/a/b"])("%s does not", (path) =>
  expect(fault(path)).toBeNull(),
);
test("a path can be too deep", () =>
  expect(fault(`/${Array.from({ length: 26 }, (_, i) => `s${i}x`).join("/")}`)).toBe("too many path segments"));
test("parameters can be too many", () =>
  expect(fault(`/?${Array.from({ length: 21 }, (_, i) => `p${i}=1`).join("&")}`)).toBe("too many parameters"));
