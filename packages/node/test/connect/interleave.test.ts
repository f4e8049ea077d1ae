import { expect, test } from "vitest";
import { interleaved } from "../../src/connect/interleave.ts";

const addresses = (names: string) =>
  names.split(" ").map((address) => ({ address, port: 1, family: address.startsWith("6") ? "IPv6" : "IPv4" }) as const);
const order = (names: string, firstCount: number) =>
  interleaved(addresses(names), firstCount)
    .map(({ address }) => address)
    .join(" ");

test("the families take turns, beginning with that of the first address, each in its order", () => {
  expect(order("6a 6b 6c 4a 4b", 1)).toBe("6a 4a 6b 4b 6c");
  expect(order("4a 6a 6b 6c", 1)).toBe("4a 6a 6b 6c");
  expect(order("4a 4b 4c", 1)).toBe("4a 4b 4c");
  expect(order("6a", 1)).toBe("6a");
});

test("the first family may come several times before the second one does", () => {
  expect(order("6a 6b 6c 6d 4a 4b", 2)).toBe("6a 6b 4a 6c 4b 6d");
  expect(order("6a 6b 6c 4a", 3)).toBe("6a 6b 6c 4a");
  expect(order("6a 4a 4b", 5)).toBe("6a 4a 4b");
});
