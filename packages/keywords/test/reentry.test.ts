import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { RandomProgram } from "./random-program.ts";

describe("random programs do what they do natively", () => {
  const count = Number(process.env["TSYNCIO_PROGRAMS"] ?? 400);
  const first = Number(process.env["TSYNCIO_SEED"] ?? 1);
  test(`${count} from ${first}`, async () => {
    let reentered = 0;
    for (let seed = first; seed < first + count; seed++) {
      const program = new RandomProgram(seed).text();
      const { native, compiled } = await bothWays(program);
      expect({ seed, ...compiled }).toEqual({ seed, ...native });
      reentered +=
        transform(`"use tsyncio";async()=>{${program}}`, { filename: "a.ts" })!.code.match(/\$frame\(/g)?.length ?? 0;
    }
    // The others of three in each program wait where only a generator can.
    expect(reentered / count).toBeGreaterThan(0.7);
  }, 600_000);
});
