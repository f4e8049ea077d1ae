import { CancelledError, Future } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";

test("each read of a cancelled future throws an error of its own, with the message", () =>
  program(async () => {
    const future = new Future<void>();
    future.cancel("why");
    const errors = [await thrownBy(future), await thrownBy(future)];
    for (const read of [() => future.result(), () => future.exception()]) {
      try {
        read();
      } catch (error) {
        errors.push(error);
      }
    }
    expect(errors).toEqual(Array.from({ length: 4 }, () => new CancelledError("why")));
    expect(new Set(errors).size).toBe(4);
  }));
