import { getRunningLoop, run } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { virtualLoops } from "./virtual-loops.ts";

afterEach(() => void vi.unstubAllEnvs());

test("test_runners.py::RunTests.test_asyncio_run_debug: the loop is in debug mode if the option says so, else if the environment does", async () => {
  const { loopFactory } = virtualLoops();
  const main = async () => getRunningLoop().getDebug();
  const seen: Record<string, boolean[]> = {};
  for (const wanted of ["1", "0", ""]) {
    vi.stubEnv("TSYNCIO_DEBUG", wanted);
    seen[wanted] = [
      await run(main(), { loopFactory }),
      await run(main(), { loopFactory, debug: true }),
      await run(main(), { loopFactory, debug: false }),
    ];
  }
  expect(seen).toEqual({ 1: [true, true, false], 0: [false, true, false], "": [false, true, false] });
});
